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

    /// The log no longer had the events that come next, so they can't be sent to anybody: each stream asks for history
    /// from its own position, and is sent a reset.
    private func holdAll() {
        for subscriber in slots.joined() where subscriber.state == .live { hold(subscriber) }
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

    /// Sends several events of one turn: a subscriber of one topic receives that topic's frames, joined once for all its
    /// subscribers; a subscriber of several topics receives its own selection in one system call.
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
