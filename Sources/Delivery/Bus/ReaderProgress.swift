import Core
import Store
import Synchronization

/// How far a reader of the log has come. One task advances it; another saves it now and then, so that saving costs a
/// commit a second and not one an event.
final class ReaderProgress: Sendable {
    private let name: String
    private let epoch: String
    private let positions: Positions
    private let log: Log
    private let current: Atomic<Int64>
    private let saved: Atomic<Int64>

    /// - Parameter number: the last event dealt with, as it's saved already.
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
    func keepSaving(every interval: Duration, clock: any Clock<Duration>) async {
        while (try? await clock.sleep(for: interval)) != nil { await save() }
    }

    /// Saves although the task has been cancelled, so that what has been dealt with isn't repeated after a restart.
    func saveAtTheEnd() async { await Task { await save() }.value }

    private func save() async {
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
