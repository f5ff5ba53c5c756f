import Core
import EventLoop
import Store
import Web

/// The part of the hub that lives on one loop: who is subscribed to what there, and what they have been sent.
///
/// Everything here runs on that loop, so there is no lock, no task and no hop on the way of an event. Three rules give
/// the promise of no gap and no duplicate:
/// 1. `position` is the number up to which every live subscriber has been sent what it may see;
/// 2. a subscriber goes live only in the turn in which its own history has reached `position`;
/// 3. a change of access takes effect between the events before it and the events after it.
final class Shard {
    let loop: EventLoop
    let configuration: HubConfiguration
    let epoch: String
    let clock: WallClock
    let meters: HubMeters
    /// Asks for history or for a fresh answer of the policy; the answer comes back through `resume`.
    let requestCatchUp: (CatchUp.Request) -> Void

    private(set) var position: Int64
    private(set) var recent: RecentEvents
    private(set) var isDraining = false
    private var topics: [String: Topic] = [:]
    private var principals: [String: ContiguousArray<Subscriber>] = [:]
    /// Subscribers by the moment of their heartbeat, so that no two moments have all of them.
    var slots: [ContiguousArray<Subscriber>]
    var nextSlot = 0
    var currentSlot = 0
    var waitingForRetry: [Subscriber] = []
    private var pending: ContiguousArray<EncodedEvent> = []
    private var isFlushScheduled = false
    private var timer: LoopTimer?
    private var turn: UInt32 = 0
    private(set) var count = 0

    init(
        loop: EventLoop, configuration: HubConfiguration, epoch: String, position: Int64, clock: WallClock,
        meters: HubMeters,
        requestCatchUp: @escaping (CatchUp.Request) -> Void
    ) {
        self.loop = loop
        self.configuration = configuration
        self.epoch = epoch
        self.position = position
        self.clock = clock
        self.meters = meters
        self.requestCatchUp = requestCatchUp
        recent = RecentEvents(capacity: configuration.recentEvents)
        slots = Array(repeating: [], count: HubConfiguration.slots)
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

    /// Takes over a WebSocket whose handshake has been sent. What the client sends on it is ignored.
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
        enroll(subscriber)
        apply(admission.access, to: subscriber, announce: false)
        let retry = configuration.randomRetry
        let isResumed = resetReason == nil && start < position
        let cursor = Cursor(epoch: epoch, number: start)
        var messages = [ready(for: admission.principal, at: cursor, resumed: isResumed, retry: retry)]
        if let resetReason {
            meters.resets.increment()
            messages.append(reset(resetReason))
        }
        send(messages, to: subscriber)
        if isDraining {
            dismiss(subscriber, .draining, reconnect: retry)
        } else if subscriber.state != .closed {
            catchUp(subscriber, asking: hasChangedAccess(of: admission.principal, since: admission.asOf))
        }
        return subscriber
    }

    private func enroll(_ subscriber: Subscriber) {
        subscriber.slot = UInt8(nextSlot)
        subscriber.indexInSlot = Int32(slots[nextSlot].count)
        slots[nextSlot].append(subscriber)
        nextSlot = (nextSlot + 1) % slots.count
        count += 1
        meters.streams.add(1)
        let id = subscriber.principal.id
        guard !id.isEmpty else { return }
        principals[id, default: []].append(subscriber)
        if let oldest = principals[id]?.first, principals[id, default: []].count > configuration.streamsPerPrincipal {
            dismiss(oldest, .tooManyStreams, reconnect: configuration.retry.upperBound)
        }
    }

    /// The stream has gone, whoever ended it.
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
        count -= 1
        meters.streams.add(-1)
    }

    private func join(_ name: String, _ subscriber: Subscriber) {
        let topic = topics[name] ?? Topic(name: name)
        topics[name] = topic
        topic.add(subscriber)
    }

    private func leave(_ topic: Topic, _ subscriber: Subscriber) {
        topic.remove(subscriber)
        if topic.subscribers.isEmpty { topics[topic.name] = nil }
    }

    // MARK: Access

    /// Makes the subscriber's topics those that the policy named.
    func apply(_ access: Access, to subscriber: Subscriber, announce: Bool) {
        let (milliseconds, overflow) = loop.nowMilliseconds.addingReportingOverflow(
            UInt64(clamping: access.validity.milliseconds))
        subscriber.expires = overflow ? .max : milliseconds
        for membership in subscriber.memberships.reversed() where !access.topics.contains(membership.topic.name) {
            lose(membership.topic, subscriber)
        }
        for name in access.topics where !subscriber.memberships.contains(where: { $0.topic.name == name }) {
            join(name, subscriber)
            if announce { send([granted(name)], to: subscriber) }
        }
    }

    private func lose(_ topic: Topic, _ subscriber: Subscriber) {
        leave(topic, subscriber)
        meters.revocations.increment()
        send([revoked(topic.name)], to: subscriber)
    }

    private func apply(_ change: AccessChange) {
        for subscriber in principals[change.principal] ?? [] where subscriber.state != .closed {
            switch change {
            case .revoked(_, let name):
                subscriber.accessChanged = subscriber.state == .catchingUp
                if let topic = topics[name], subscriber.isMember(of: topic) { lose(topic, subscriber) }
                if case .topics = subscriber.interest, subscriber.memberships.isEmpty {
                    dismiss(subscriber, .revoked, reconnect: configuration.retry.upperBound)
                }
            case .granted(_, let name):
                guard subscriber.interest.includes(name) else { continue }
                if subscriber.state == .live { hold(subscriber) } else { subscriber.accessChanged = true }
            case .sessionEnded(_, let session):
                guard subscriber.principal.session == session else { continue }
                dismiss(subscriber, .signedOut, reconnect: configuration.retry.upperBound)
            }
        }
    }

    private func hasChangedAccess(of principal: Principal, since number: Int64) -> Bool {
        guard !principal.id.isEmpty, number < position else { return false }
        guard let first = recent.firstIndex(after: number, upTo: position) else { return true }
        return (first..<recent.count).contains { recent[$0].change?.principal == principal.id }
    }

    /// Stops a live subscriber here and asks the policy anew; it continues from here with what the answer allows.
    func hold(_ subscriber: Subscriber) {
        subscriber.position = max(subscriber.position, position)
        catchUp(subscriber, asking: true)
    }

    // MARK: Delivery

    /// Takes events in the order of their numbers; they leave together when this turn of the loop ends.
    func deliver(_ events: [EncodedEvent]) {
        pending.append(contentsOf: events)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.atEndOfTurn { [self] in flush() }
    }

    private func flush() {
        isFlushScheduled = false
        let events = pending
        pending.removeAll(keepingCapacity: events.count <= configuration.recentEvents)
        var start = 0
        for index in events.indices {
            let event = events[index]
            let isGap = event.number != (index == start ? position : events[index - 1].number) + 1
            guard isGap || event.change != nil else { continue }
            distribute(events[start..<index])
            start = index
            if isGap { holdEverybody() }
            if let change = event.change {
                take(event)
                apply(change)
                start = index + 1
            }
        }
        distribute(events[start...])
    }

    /// The log no longer had what comes next, so nobody can be sent it: each stream asks from where it stands, and is
    /// told to begin anew.
    private func holdEverybody() {
        for subscriber in slots.joined() where subscriber.state == .live { hold(subscriber) }
    }

    private func take(_ event: EncodedEvent) {
        recent.append(event)
        position = event.number
    }

    private func distribute(_ events: ContiguousArray<EncodedEvent>.SubSequence) {
        guard let first = events.first, let last = events.last else { return }
        let now = loop.nowMilliseconds
        if events.count == 1 {
            if let topic = topics[first.topic] {
                send(Delivery(first.message, to: topic), of: first.number...first.number, to: topic, now: now)
            }
        } else {
            distributeJoined(events, first.number...last.number, now: now)
        }
        for event in events { take(event) }
    }

    /// Several events of one turn: a subscriber of one topic gets that topic's frames, joined once for all of them; one
    /// of several topics gets its own selection in one system call.
    private func distributeJoined(
        _ events: ContiguousArray<EncodedEvent>.SubSequence, _ numbers: ClosedRange<Int64>, now: UInt64
    ) {
        turn &+= 1
        var messages: [String: [Message]] = [:]
        for event in events where topics[event.topic] != nil {
            messages[event.topic, default: []].append(event.message)
        }
        var several: ContiguousArray<Subscriber> = []
        for (name, messages) in messages {
            guard let topic = topics[name] else { continue }
            send(Delivery(messages, to: topic), of: numbers, to: topic, now: now) { subscriber in
                if subscriber.memberships.count == 1 && subscriber.position < numbers.lowerBound { return false }
                if subscriber.turn != turn {
                    subscriber.turn = turn
                    several.append(subscriber)
                }
                return true
            }
        }
        for subscriber in several where subscriber.state == .live {
            let selection = events.filter { event in
                event.number > subscriber.position && subscriber.memberships.contains { $0.topic.name == event.topic }
            }
            send(selection.map(\.message), to: subscriber)
        }
    }

    /// Sends to the live subscribers of a topic whose grant holds.
    ///
    /// - Parameter elsewhere: true for a subscriber that is served in another way.
    @inline(__always)
    private func send(
        _ delivery: Delivery, of numbers: ClosedRange<Int64>, to topic: Topic, now: UInt64,
        unless elsewhere: (Subscriber) -> Bool = { _ in false }
    ) {
        var delivered = 0
        for subscriber in topic.subscribers where subscriber.state == .live {
            if subscriber.expires <= now {
                hold(subscriber)
            } else if elsewhere(subscriber) || subscriber.position >= numbers.upperBound {
                continue
            } else {
                subscriber.outlet.send(delivery)
                delivered += 1
                if subscriber.outlet.queuedBytes > configuration.queueLimit { fellBehind(subscriber) }
            }
        }
        meters.delivered.increment(by: delivered)
    }

    /// Sends something to one subscriber, outside the fan-out.
    func send(_ messages: [Message], to subscriber: Subscriber) {
        guard subscriber.state != .closed, !messages.isEmpty else { return }
        subscriber.outlet.send(messages)
        if subscriber.outlet.queuedBytes > configuration.queueLimit { fellBehind(subscriber) }
    }

    /// The reader is too slow: its stream ends here. It loses nothing, for it comes back with its cursor.
    private func fellBehind(_ subscriber: Subscriber) {
        meters.slowClosed.increment()
        dismiss(subscriber, .slow, reconnect: configuration.randomRetry)
    }

    /// Says good-bye and closes once what is queued has left, or after a few seconds.
    func dismiss(_ subscriber: Subscriber, _ farewell: Farewell, reconnect: Duration) {
        guard subscriber.state != .closed else { return }
        subscriber.outlet.send([bye(farewell, reconnect: reconnect)])
        subscriber.outlet.close(farewell)
        closed(subscriber)
    }

    /// Ends every stream, each with its own moment to come back at, so that they don't all return together.
    func drain(over period: Duration) {
        isDraining = true
        timer?.cancel()
        for subscriber in slots.joined() {
            dismiss(subscriber, .draining, reconnect: period * Double.random(in: 0...1))
        }
    }
}
