import Core
import EventLoop
import Store
import Web

/// The part of the hub that lives on one loop: the subscribers there, their topics, and what they have been sent.
///
/// Everything here runs on that loop, so there is no lock, no task and no hop on the way of an event. Three rules ensure
/// that there is neither a gap nor a duplicate:
/// 1. `position` is the number up to which every live subscriber has been sent what it may see;
/// 2. a subscriber goes live only in the turn in which its own history has reached `position`;
/// 3. a change of access takes effect between the events before it and the events after it.
final class Shard {
    let loop: EventLoop
    let configuration: HubConfiguration
    let epoch: String
    let time: TimeSource
    let meters: HubMeters
    let streams: StreamCounts
    /// How many loops have a shard.
    let shardCount: Int
    /// Asks for history or for a fresh answer of the policy; the answer comes back through `resume`. False when too many
    /// requests wait already: no answer will come.
    let requestCatchUp: (CatchUp.Request) -> Bool

    private(set) var position: Int64
    private(set) var recent: RecentEvents
    private(set) var isDraining = false
    private(set) var topics: [String: Topic] = [:]
    /// When what is seen of a topic has changed last, by the event's number: of each such topic since the process has begun.
    var viewChanges: [String: Int64] = [:]
    private(set) var principals: [String: ContiguousArray<Subscriber>] = [:]
    /// Subscribers by the moment of their heartbeat, so that their heartbeats are spread over the interval.
    var slots: [ContiguousArray<Subscriber>]
    var nextSlot = 0
    var currentSlot = 0
    /// Subscribers whose request could not be taken or answered, by the slot in whose tick they ask again.
    var retries: [[Subscriber]]
    /// Events of this turn that are sent when it ends.
    var pending: ContiguousArray<EncodedEvent> = []
    var isFlushScheduled = false
    /// Numbers the joined deliveries, so that each collects a subscriber once.
    var turn: UInt32 = 0
    private var timer: LoopTimer?

    init(
        loop: EventLoop, configuration: HubConfiguration, epoch: String, position: Int64, time: TimeSource,
        meters: HubMeters, streams: StreamCounts, shardCount: Int,
        requestCatchUp: @escaping (CatchUp.Request) -> Bool
    ) {
        self.loop = loop
        self.configuration = configuration
        self.epoch = epoch
        self.position = position
        self.time = time
        self.meters = meters
        self.streams = streams
        self.shardCount = shardCount
        self.requestCatchUp = requestCatchUp
        recent = RecentEvents(capacity: configuration.recentEvents)
        slots = Array(repeating: [], count: HubConfiguration.slots)
        retries = Array(repeating: [], count: HubConfiguration.slots)
        timer = loop.schedule(
            after: configuration.heartbeat / HubConfiguration.slots,
            repeating: configuration.heartbeat / HubConfiguration.slots
        ) { [weak self] in self?.tick() }
    }

    deinit { timer?.cancel() }

    var cursor: Cursor { Cursor(epoch: epoch, number: position) }

    // MARK: Subscribers come and go

    /// Takes over a stream whose head has been sent.
    func attach(_ stream: EventStream, _ admission: Admission) {
        stream.observer = attach(.eventStream(stream), admission)
    }

    /// Takes over a WebSocket whose handshake has been sent. Messages of the client are ignored.
    func attach(_ socket: WebSocket, _ admission: Admission) {
        socket.observer = attach(.webSocket(socket), admission)
    }

    private func attach(_ outlet: Outlet, _ admission: Admission) -> Subscriber {
        let start: Int64
        var resetReason: String?
        switch admission.resume {
        case .live: start = position
        case .after(let number): start = number
        case .reset(let reason): (start, resetReason) = (position, reason)
        }
        let subscriber = Subscriber(
            outlet: outlet, principal: admission.principal, interest: admission.interest, position: start, shard: self)
        let hasPlace = enroll(subscriber)
        apply(admission.access, to: subscriber, announce: false)
        let retry = configuration.randomRetry
        let isResumed = resetReason == nil && start < position
        let cursor = Cursor(epoch: epoch, number: start)
        var messages = [
            ready(
                for: admission.principal, at: cursor, resumed: isResumed, watching: watching(subscriber), retry: retry)
        ]
        if let resetReason {
            meters.resets.increment()
            messages.append(reset(resetReason, at: self.cursor))
        }
        send(messages, to: subscriber)
        if isDraining {
            dismiss(subscriber, .draining, reconnect: retry)
        } else if !hasPlace {
            dismiss(subscriber, .tooManyStreams, reconnect: configuration.retry.upperBound)
        } else if subscriber.state != .closed {
            catchUp(subscriber, asking: hasChangedAccess(of: subscriber, since: admission.asOf))
        }
        return subscriber
    }

    /// Returns false when the principal has too many streams.
    private func enroll(_ subscriber: Subscriber) -> Bool {
        subscriber.slot = UInt8(nextSlot)
        subscriber.indexInSlot = Int32(slots[nextSlot].count)
        slots[nextSlot].append(subscriber)
        nextSlot = (nextSlot + 1) % slots.count
        meters.streams.add(1)
        let id = subscriber.principal.id
        if !id.isEmpty { principals[id, default: []].append(subscriber) }
        return streams.add(id)
    }

    /// The stream has ended, from whichever side.
    func closed(_ subscriber: Subscriber) {
        guard subscriber.state != .closed else { return }
        subscriber.state = .closed
        for membership in subscriber.memberships.reversed() { leave(membership.topic, subscriber) }
        let slot = Int(subscriber.slot)
        let last = slots[slot].removeLast()
        if last !== subscriber {
            slots[slot][Int(subscriber.indexInSlot)] = last
            last.indexInSlot = subscriber.indexInSlot
        }
        let id = subscriber.principal.id
        if !id.isEmpty {
            principals[id]?.removeAll { $0 === subscriber }
            if principals[id]?.isEmpty == true { principals[id] = nil }
        }
        streams.remove(id)
        meters.streams.add(-1)
    }

    func join(_ name: String, _ view: TopicView, _ subscriber: Subscriber) {
        let topic = topics[name] ?? Topic(name: name)
        topics[name] = topic
        topic.add(subscriber, seeing: view)
    }

    func leave(_ group: TopicSubscribers, _ subscriber: Subscriber) {
        let topic = group.topic
        topic.remove(subscriber, from: group)
        if topic.count == 0 { topics[topic.name] = nil }
    }

    // MARK: Events

    /// The event has been sent to every live subscriber that may see it.
    func take(_ event: EncodedEvent) {
        recent.append(event)
        position = event.number
    }

    /// The events up to this one have been left out: streams read them from the log.
    func skip(to number: Int64) {
        recent.removeAll()
        position = number
    }

    // MARK: Sending to one

    /// Sends something to one subscriber, outside the fan-out.
    func send(_ messages: [Message], to subscriber: Subscriber) {
        guard subscriber.state != .closed, !messages.isEmpty else { return }
        subscriber.outlet.send(messages)
        if subscriber.outlet.queuedBytes > configuration.queueLimit { fellBehind(subscriber) }
    }

    /// The reader is too slow: its stream ends here. It loses nothing, because it resumes with its cursor.
    func fellBehind(_ subscriber: Subscriber) {
        meters.slowClosed.increment()
        dismiss(subscriber, .slow, reconnect: configuration.randomRetry)
    }

    /// Sends `bye` and closes the stream once what is queued has been written, or after a few seconds.
    func dismiss(_ subscriber: Subscriber, _ farewell: Farewell, reconnect: Duration) {
        guard subscriber.state != .closed else { return }
        subscriber.outlet.send([bye(farewell, reconnect: reconnect)])
        subscriber.outlet.close(farewell)
        closed(subscriber)
    }

    /// Ends every stream, each with a delay of its own, so that the clients don't all return at once.
    func drain(over period: Duration) {
        isDraining = true
        timer?.cancel()
        for subscriber in slots.joined() {
            dismiss(subscriber, .draining, reconnect: period * Double.random(in: 0...1))
        }
    }
}
