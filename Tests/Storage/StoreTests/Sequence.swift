import Synchronization

/// Numbers that are each handed out once.
final class Sequence: Sendable {
    private let last = Atomic<Int>(0)
    var current: Int { last.load(ordering: .relaxed) }
    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
