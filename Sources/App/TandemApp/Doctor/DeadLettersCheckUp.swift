import FoundationEssentials
import Store

/// Looks for events that could not be handled and wait for somebody to look at them.
struct DeadLettersCheckUp {
    let database: any Database

    init(_ database: any Database) { self.database = database }

    func findings() async -> [Finding] {
        do {
            return try await DeadLetters(database).summary().map(Self.finding)
        } catch let error as StoreError where error.kind == .invalidStatement {
            // The table comes with the migrations.
            return []
        } catch {
            return [.weak("dead letters", "can't be read", do: "\(error)")]
        }
    }

    static func finding(_ letters: DeadLetters.Summary) -> Finding {
        let since = Date(timeIntervalSince1970: Double(letters.since) / 1000).formatted(.iso8601)
        let events = letters.count == 1 ? "1 event" : "\(letters.count) events"
        return .weak(
            "dead letters", "\(letters.consumer) could not handle \(events) since \(since)",
            do: "read why in the table store_dead_letters; once that is mended, have them tried again by "
                + "UPDATE store_dead_letters SET again = 1, or DELETE them")
    }
}
