import EventLoop
import Web

/// One stream's place in its shard. It lives on its loop and, while nothing happens, costs its own few words: no task,
/// no buffer, no timer.
final class Subscriber {
    enum State: UInt8 {
        /// Receives events as they happen.
        case live
        /// Waits for its access to be confirmed or for history, from `position`. Nothing is lost meanwhile: it
        /// continues there.
        case catchingUp
        case closed
    }

    let outlet: Outlet
    let principal: Principal
    let interest: Interest
    unowned let shard: Shard
    var memberships: ContiguousArray<Membership> = []
    /// Live: events up to here were sent before it went live. Catching up: the last event that it is done with.
    var position: Int64
    /// When the grant ends, on the loop's clock in milliseconds.
    var expires: UInt64 = 0
    var state = State.catchingUp
    /// Its access changed while it was being asked about, so the answer must be asked for again.
    var accessChanged = false
    /// Waits for the socket to drain before it takes more history.
    var awaitsDrain = false
    var slot: UInt8 = 0
    var indexInSlot: Int32 = 0
    /// The last turn in which it was collected for a joined write.
    var turn: UInt32 = 0

    init(outlet: Outlet, principal: Principal, interest: Interest, position: Int64, shard: Shard) {
        self.outlet = outlet
        self.principal = principal
        self.interest = interest
        self.position = position
        self.shard = shard
    }

    func isMember(of topic: Topic) -> Bool { memberships.contains { $0.topic === topic } }
}

/// A subscriber's place in a topic, kept so that leaving costs the same however many others stay.
struct Membership {
    let topic: Topic
    var index: Int32
}

/// The subscribers of one topic on one loop.
final class Topic {
    let name: String
    private(set) var subscribers: ContiguousArray<Subscriber> = []
    /// How many of them are WebSockets.
    private(set) var webSockets = 0

    init(name: String) { self.name = name }

    func add(_ subscriber: Subscriber) {
        subscriber.memberships.append(Membership(topic: self, index: Int32(subscribers.count)))
        subscribers.append(subscriber)
        if case .webSocket = subscriber.outlet { webSockets += 1 }
    }

    func remove(_ subscriber: Subscriber) {
        guard let place = subscriber.memberships.firstIndex(where: { $0.topic === self }) else { return }
        let index = Int(subscriber.memberships.remove(at: place).index)
        if case .webSocket = subscriber.outlet { webSockets -= 1 }
        let last = subscribers.removeLast()
        guard last !== subscriber else { return }
        subscribers[index] = last
        if let moved = last.memberships.firstIndex(where: { $0.topic === self }) {
            last.memberships[moved].index = Int32(index)
        }
    }
}

extension Subscriber: StreamObserver {
    func becameWritable() { shard.drained(self) }
    func closed() { shard.closed(self) }
}
