import Synchronization

/// How far a relay has come: written by the task that publishes, read by those that save and clean up.
final class RelayProgress: Sendable {
    private let publishedNumber: Atomic<Int64>
    private let savedNumber: Atomic<Int64>

    init(_ number: Int64) {
        publishedNumber = Atomic(number)
        savedNumber = Atomic(number)
    }

    var published: Int64 { publishedNumber.load(ordering: .acquiring) }
    var saved: Int64 { savedNumber.load(ordering: .acquiring) }
    func advance(to number: Int64) { publishedNumber.store(number, ordering: .releasing) }
    func saved(_ number: Int64) { savedNumber.store(number, ordering: .releasing) }
}
