import Core
import EventLoop
import Store

/// The way of an event to the subscribers of its topic.
extension Shard {
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
            if isGap { holdAll() }
            if let change = event.change {
                take(event)
                apply(change)
                start = index + 1
            }
        }
        distribute(events[start...])
    }

    /// This loop could not follow, and the events up to this one were left out: each stream reads them from the log.
    func missed(upTo number: Int64) {
        flush()
        guard number > position else { return }
        holdAll()
        skip(to: number)
    }

    /// The events that come next are not to be had here: each stream asks what it may see now, because that may have changed with
    /// them, and for history from its own position. If the log doesn't have them either, it's sent a reset.
    private func holdAll() {
        for subscriber in slots.joined() {
            switch subscriber.state {
            case .live: hold(subscriber)
            case .catchingUp: subscriber.accessChanged = true
            case .closed: break
            }
        }
    }

    private func distribute(_ events: ContiguousArray<EncodedEvent>.SubSequence) {
        guard let first = events.first, let last = events.last else { return }
        let now = loop.nowMilliseconds
        if events.count == 1 {
            for group in topics[first.topic]?.groups ?? [] where group.view.includes(first.audience) {
                send(Delivery(first.message, to: group), of: first.number...first.number, to: group, now: now)
            }
            for subscriber in outsiders(of: first) { sendSelection(of: events, to: subscriber, now: now) }
        } else {
            distributeJoined(events, first.number...last.number, now: now)
        }
        for event in events { take(event) }
    }

    /// The live streams that an event is for although they don't see where it happened.
    private func outsiders(of event: EncodedEvent) -> ContiguousArray<Subscriber> {
        guard let audience = event.audience, let streams = principals[audience.principal] else { return [] }
        return streams.filter { subscriber in
            subscriber.state == .live && subscriber.group(of: event.topic).map { !$0.view.includes(audience) } ?? false
        }
    }

    /// Sends several events of one turn: a subscriber of one topic receives that topic's frames, joined once for all its
    /// subscribers that see the same; a subscriber of several topics receives its own selection in one system call.
    private func distributeJoined(
        _ events: ContiguousArray<EncodedEvent>.SubSequence, _ numbers: ClosedRange<Int64>, now: UInt64
    ) {
        turn &+= 1
        var deliveries: [ObjectIdentifier: (group: TopicSubscribers, messages: [Message])] = [:]
        var several: ContiguousArray<Subscriber> = []
        for event in events {
            for group in topics[event.topic]?.groups ?? [] where group.view.includes(event.audience) {
                deliveries[ObjectIdentifier(group), default: (group, [])].messages.append(event.message)
            }
            for subscriber in outsiders(of: event) where subscriber.turn != turn {
                subscriber.turn = turn
                several.append(subscriber)
            }
        }
        for (group, messages) in deliveries.values {
            send(Delivery(messages, to: group), of: numbers, to: group, now: now) { subscriber in
                if subscriber.turn == turn { return true }
                if subscriber.memberships.count == 1 && subscriber.position < numbers.lowerBound { return false }
                subscriber.turn = turn
                several.append(subscriber)
                return true
            }
        }
        for subscriber in several where subscriber.state == .live {
            sendSelection(of: events, to: subscriber, now: now)
        }
    }

    /// Sends those of the events that are for the subscriber, if its grant holds.
    private func sendSelection(
        of events: ContiguousArray<EncodedEvent>.SubSequence, to subscriber: Subscriber, now: UInt64
    ) {
        guard subscriber.expires > now else { return hold(subscriber) }
        let selection = events.filter { $0.number > subscriber.position && subscriber.mayReceive($0) }
        send(selection.map(\.message), to: subscriber)
    }

    /// Sends to the live subscribers of a topic whose grant holds.
    ///
    /// - Parameter elsewhere: returns true for a subscriber that is served in another way.
    @inline(__always)
    private func send(
        _ delivery: Delivery, of numbers: ClosedRange<Int64>, to topic: TopicSubscribers, now: UInt64,
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
}
