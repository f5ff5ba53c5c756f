import FoundationEssentials
import Store

/// Events as they travel between processes: JSON objects with the fields `number`, `topic`, `kind`, `payload` (a string)
/// and `time`; a batch is an array of them. Fields that a reader doesn't know are ignored, so that versions can differ
/// while a system is upgraded.
enum EventEncoding {
    /// The events as batches that are at most `limit` bytes long each. An event that is longer by itself is replaced by an
    /// empty batch, which tells readers to look into the log.
    static func batches(_ events: [Event], limit: Int) throws -> [[UInt8]] {
        let encoder = JSONEncoder()
        var batches: [[UInt8]] = []
        var current: [UInt8] = []
        func finish() {
            guard !current.isEmpty else { return }
            batches.append(current + [UInt8(ascii: "]")])
            current = []
        }
        for event in events {
            let bytes = try encoder.encode(event)
            if current.count + bytes.count + 2 > limit { finish() }
            guard bytes.count + 2 <= limit else {
                batches.append(Array("[]".utf8))
                continue
            }
            current.append(UInt8(ascii: current.isEmpty ? "[" : ","))
            current.append(contentsOf: bytes)
        }
        finish()
        return batches
    }

    static func events(inBatch bytes: [UInt8]) throws -> [Event] {
        try JSONDecoder().decode([Event].self, from: Data(bytes))
    }

    static func bytes(of event: Event) throws -> [UInt8] { Array(try JSONEncoder().encode(event)) }

    static func event(_ bytes: [UInt8]) throws -> Event { try JSONDecoder().decode(Event.self, from: Data(bytes)) }
}
