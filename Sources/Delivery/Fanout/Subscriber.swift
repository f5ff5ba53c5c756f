import EventLoop
import Web

/// A stream's place in its shard. It lives on its loop and, while idle, costs only its own few words: no task, no buffer, no
/// timer.
final class Subscriber {
    enum State: UInt8 {
        /// Receives events as they happen.
        case live
        /// Waits for its access to be confirmed or for history, from `position` on. Nothing is lost meanwhile.
        case catchingUp
        case closed
    }

    let outlet: Outlet
    let principal: Principal
    /// Nil while it is exactly the topics that `memberships` names.
    private var ownInterest: Interest?
    unowned let shard: Shard
    // From here on in the order that leaves no gaps: there are as many of these objects as streams.
    var memberships = Memberships()
    var indexInSlot: Int32 = 0
    /// Live: events up to here were sent before it went live. Catching up: the last event that was sent or skipped.
    var position: Int64
    /// When the grant ends, in milliseconds of the loop's clock: one word, compared at each delivery.
    var expires: UInt64 = 0
    var state = State.catchingUp
    /// Its access changed while it was being asked about, so the answer must be asked for again.
    var accessChanged = false
    /// Waits for the socket to drain before it takes more history.
    var awaitsDrain = false
    var slot: UInt8 = 0
    /// The last turn in which it was collected for a joined write.
    var turn: UInt32 = 0

    init(outlet: Outlet, principal: Principal, interest: Interest, position: Int64, shard: Shard) {
        self.outlet = outlet
        self.principal = principal
        ownInterest = interest
        self.position = position
        self.shard = shard
    }

    /// What the stream was opened for.
    var interest: Interest { ownInterest ?? .topics(memberships.map(\.topic.name)) }

    /// All that was asked for has been granted: the memberships say it too.
    func forgetInterestIfGranted() {
        guard case .topics(let topics)? = ownInterest, topics.count == memberships.count,
            topics.allSatisfy({ name in memberships.contains { $0.topic.name == name } })
        else { return }
        ownInterest = nil
    }

    /// A membership is about to end, the interest in its topic isn't.
    func keepInterest() { ownInterest = interest }

    /// Those of the topic among whom it is.
    func group(of topic: String) -> TopicSubscribers? { memberships.first { $0.topic.name == topic }?.topic }

    /// Whether the event is for it.
    func mayReceive(_ event: EncodedEvent) -> Bool {
        guard let group = group(of: event.topic) else { return false }
        return group.view.includes(event.audience) || event.audience?.principal == principal.id
    }
}

extension Subscriber: StreamObserver {
    func becameWritable() { shard.drained(self) }
    func closed() { shard.closed(self) }
}
