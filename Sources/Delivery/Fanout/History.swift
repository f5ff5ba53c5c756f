import Core
import Store

/// The event log for subscribers that catch up: in pieces that are read, encoded and sorted by topic once for all that need them.
///
/// After an outage every stream comes back at once and wants the same events. Each piece covers a fixed range of numbers, so readers
/// at different places share it, and a reader is handed the events of its own topics only: what it costs depends on those, not on how
/// much happened elsewhere. The pieces that were used last stay in memory, up to `capacity` bytes.
actor History {
    /// What a reader has missed.
    struct Missed: Sendable {
        /// The events of its topics, in order.
        let events: [EncodedEvent]
        /// The number up to which they are all.
        let complete: Int64
    }

    private struct Piece {
        /// The numbers of its first and last event; the piece has all between them.
        let first: Int64
        let last: Int64
        let byTopic: [String: [EncodedEvent]]
        let bytes: Int
        var lastUse: Int
    }

    private let eventLog: any EventLog
    private let policy: any TopicPolicy
    private let length: Int64
    private let capacity: Int
    private var pieces: [Int64: Piece] = [:]
    private var bytes = 0
    private var uses = 0
    /// Callers that wait for a piece that is being read.
    private var waiting: [Int64: [CheckedContinuation<Void, Never>]] = [:]

    /// - Parameters:
    ///   - policy: says for whom an event is.
    ///   - length: how many events a piece holds.
    ///   - capacity: how many bytes of frames are kept.
    init(_ eventLog: any EventLog, _ policy: any TopicPolicy, length: Int, capacity: Int) {
        self.eventLog = eventLog
        self.policy = policy
        self.length = Int64(length)
        self.capacity = capacity
    }

    /// Returns the events of these topics after `number`: at least `bytes` of frames, or all up to `end`, which must be in the log.
    /// Nil when the log doesn't reach back that far.
    ///
    /// - Throws: an error of the event log.
    func missed(_ topics: [String], after number: Int64, upTo end: Int64, bytes: Int) async throws -> Missed? {
        var found: [EncodedEvent] = []
        var size = 0
        var position = number
        while position < end, size < bytes {
            let piece = try await piece(covering: position)
            guard let piece, piece.first <= position + 1 else { return nil }
            let range = position + 1...min(piece.last, end)
            let start = found.count
            for topic in topics {
                for event in piece.byTopic[topic] ?? [] where range.contains(event.number) {
                    found.append(event)
                    size += event.message.eventStreamFrame.count
                }
            }
            if topics.count > 1 { found[start...].sort { $0.number < $1.number } }
            position = range.upperBound
        }
        return Missed(events: found, complete: position)
    }

    /// The piece that holds the next event after `number`, or a later one when the log doesn't reach back to it; nil when there is
    /// none.
    private func piece(covering number: Int64) async throws -> Piece? {
        let index = number / length
        while true {
            if let piece = kept(index, after: number) { return piece }
            guard waiting[index] != nil else { break }
            await withCheckedContinuation { waiting[index]?.append($0) }
        }
        waiting[index] = []
        defer { for other in waiting.removeValue(forKey: index) ?? [] { other.resume() } }
        let start = index * length
        let events = try await eventLog.read(after: start, limit: Int(length))
        guard let first = events.first, let last = events.last, last.number > number else { return nil }
        uses += 1
        var byTopic: [String: [EncodedEvent]] = [:]
        var bytes = 0
        for event in events {
            let encoded = EncodedEvent(event, epoch: eventLog.epoch, audience: policy.audience(of: event))
            // What changes access is for the shards, which learn of it from the hub; nobody is sent it. Who was away is told that
            // there was a change of what is seen of the topic.
            switch encoded.change {
            case nil, .changed: break
            case .granted, .revoked, .sessionEnded: continue
            }
            byTopic[event.topic, default: []].append(encoded)
            bytes += encoded.message.eventStreamFrame.count
        }
        let piece = Piece(first: first.number, last: last.number, byTopic: byTopic, bytes: bytes, lastUse: uses)
        // Events behind this piece's range are an answer too, but not kept as a part of it.
        if last.number <= start + length { keep(piece, index) }
        return piece
    }

    private func kept(_ index: Int64, after number: Int64) -> Piece? {
        // A piece at the end of the log may have grown since.
        guard let piece = pieces[index], piece.last > number else { return nil }
        uses += 1
        pieces[index]?.lastUse = uses
        return piece
    }

    private func keep(_ piece: Piece, _ index: Int64) {
        bytes += piece.bytes - (pieces.updateValue(piece, forKey: index)?.bytes ?? 0)
        while bytes > capacity, let oldest = pieces.min(by: { $0.value.lastUse < $1.value.lastUse })?.key {
            bytes -= pieces.removeValue(forKey: oldest)?.bytes ?? 0
        }
    }
}
