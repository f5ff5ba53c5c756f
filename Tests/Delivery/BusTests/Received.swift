import Bus
import Store
import Synchronization
import Testing
import TestSupport

/// What one subscriber has received.
final class Received: Sendable {
    /// The kind of events that only show that a subscription works.
    static let probe = "probe"

    private let events_ = Mutex<[Event]>([])
    private let empty = Atomic<Int>(0)

    /// How often it was told to look into the log.
    var emptyBatches: Int { empty.load(ordering: .relaxed) }

    var all: [Event] { events_.withLock { $0 } }
    var events: [Event] { all.filter { $0.kind != Self.probe } }
    var numbers: [Int64] { events.map(\.number) }

    func record(_ events: [Event]) {
        if events.isEmpty { empty.add(1, ordering: .relaxed) }
        events_.withLock { $0 += events }
    }

    func wait(
        sourceLocation: SourceLocation = #_sourceLocation, until condition: ([Event]) -> Bool
    ) async throws {
        try await eventually(sourceLocation: sourceLocation) { condition(events) }
    }
}

/// Keeps a subscription until released, also from within its own receiver.
final class Held: Sendable {
    private let subscription = Mutex<BusSubscription?>(nil)

    func hold(_ subscription: BusSubscription) { self.subscription.withLock { $0 = subscription } }

    func release() {
        let subscription = subscription.withLock { held in
            defer { held = nil }
            return held
        }
        subscription?.cancel()
    }
}
