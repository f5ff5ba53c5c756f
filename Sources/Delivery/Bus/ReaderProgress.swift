import Core
import Store
import Synchronization

/// The position of a reader of the event log. One task advances it; another saves it at an interval, so that saving costs a
/// commit a second rather than one an event.
final class ReaderProgress: Sendable {
    private let name: String
    private let epoch: String
    private let positions: Positions
    private let log: Log
    private let current: Atomic<Int64>
    private let saved: Atomic<Int64>

    /// - Parameter number: the last event that was handled, as it is saved already.
    init(_ name: String, epoch: String, number: Int64, positions: Positions, log: Log) {
        self.name = name
        self.epoch = epoch
        self.positions = positions
        self.log = log
        current = Atomic(number)
        saved = Atomic(number)
    }

    var number: Int64 { current.load(ordering: .acquiring) }

    func advance(to number: Int64) { current.store(number, ordering: .releasing) }

    /// Saves every `interval` until cancelled.
    func keepSaving(every interval: Duration, time: TimeSource) async {
        while (try? await time.sleep(for: interval)) != nil { await save() }
    }

    /// Saves the position if it has advanced. An error is logged; the next call tries again.
    func save() async {
        let number = number
        guard number > saved.load(ordering: .acquiring) else { return }
        do {
            try await positions.save(name, epoch: epoch, number: number)
            saved.store(number, ordering: .releasing)
        } catch {
            if !Task.isCancelled {
                log.error("the position could not be saved", ["reader": name, "error": "\(error)"])
            }
        }
    }
}
