import Store

/// The event log for subscribers that catch up: in pieces that are read and encoded once for all that need them.
///
/// After an outage every stream comes back at once and wants the same events. Each piece covers a fixed range of numbers,
/// so readers at different places share it; the pieces that were used last stay in memory, up to `capacity` bytes.
actor History {
    private struct Piece {
        let events: [EncodedEvent]
        let bytes: Int
        var lastUse: Int
    }

    private let eventLog: any EventLog
    private let length: Int64
    private let capacity: Int
    private var pieces: [Int64: Piece] = [:]
    private var bytes = 0
    private var uses = 0
    /// Callers that wait for a piece that is being read.
    private var waiting: [Int64: [CheckedContinuation<Void, Never>]] = [:]

    /// - Parameters:
    ///   - length: how many events a piece holds.
    ///   - capacity: how many bytes of frames are kept.
    init(_ eventLog: any EventLog, length: Int, capacity: Int) {
        self.eventLog = eventLog
        self.length = Int64(length)
        self.capacity = capacity
    }

    /// Returns the next events after `number`, as many as come together: they begin later when the log doesn't reach back,
    /// and there are none at the end of the log.
    /// - Throws: an error of the event log.
    func events(after number: Int64) async throws -> ArraySlice<EncodedEvent> {
        let index = number / length
        while true {
            if let events = kept(index, after: number) { return events }
            guard waiting[index] != nil else { break }
            await withCheckedContinuation { waiting[index]?.append($0) }
        }
        waiting[index] = []
        defer { for other in waiting.removeValue(forKey: index) ?? [] { other.resume() } }
        let first = index * length
        let events = try await eventLog.read(after: first, limit: Int(length))
        let piece = events.map { EncodedEvent($0, epoch: eventLog.epoch) }
        // Events behind this piece are an answer too, but not kept as a part of it.
        if let last = piece.last, last.number <= first + length { keep(piece, index) }
        return piece.drop { $0.number <= number }
    }

    private func kept(_ index: Int64, after number: Int64) -> ArraySlice<EncodedEvent>? {
        // A piece at the end of the log may have grown since.
        guard let events = pieces[index]?.events, let last = events.last, last.number > number else { return nil }
        uses += 1
        pieces[index]?.lastUse = uses
        return events.drop { $0.number <= number }
    }

    private func keep(_ events: [EncodedEvent], _ index: Int64) {
        let size = events.reduce(0) { $0 + $1.message.eventStreamFrame.count }
        bytes -= pieces.removeValue(forKey: index)?.bytes ?? 0
        uses += 1
        pieces[index] = Piece(events: events, bytes: size, lastUse: uses)
        bytes += size
        while bytes > capacity, let oldest = pieces.min(by: { $0.value.lastUse < $1.value.lastUse })?.key {
            bytes -= pieces.removeValue(forKey: oldest)?.bytes ?? 0
        }
    }
}
