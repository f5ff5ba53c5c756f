import Core
import EventLoop
import Store
import Web

/// What a subscriber needs before it can go (back) to live, and the answer.
enum CatchUp {
    /// Handed to the hub, which asks the policy and the event log away from the loop.
    struct Request: Sendable {
        let subscriber: LoopBound<Subscriber>
        let principal: Principal
        let interest: Interest
        /// Whether the policy must be asked first.
        let asksPolicy: Bool
        let after: Int64
    }

    enum Answer: Sendable {
        /// The next events after the subscriber's position, of any topic, and the number up to which they are complete.
        case history([EncodedEvent], complete: Int64, access: Access?)
        /// The log doesn't reach back that far.
        case reset(reason: String, access: Access?)
        /// The policy or the log can't be asked now.
        case unavailable
    }
}

extension Shard {
    /// Brings a subscriber from its position to live. From memory in this very turn when that reaches back far enough
    /// and its access needn't be asked about; otherwise through the hub.
    func catchUp(_ subscriber: Subscriber, asking: Bool) {
        subscriber.state = .catchingUp
        let asking = asking || subscriber.accessChanged
        guard !asking, let first = recent.firstIndex(after: subscriber.position, upTo: position) else {
            return request(subscriber, asking: asking)
        }
        let frames = (first..<recent.count).lazy.map { self.recent[$0] }.filter { event in
            event.change == nil && subscriber.memberships.contains { $0.topic.name == event.topic }
        }.map(\.frame)
        goLive(subscriber, at: max(position, subscriber.position), sending: Array(frames.joined()))
    }

    private func goLive(_ subscriber: Subscriber, at number: Int64, sending frames: [UInt8]) {
        subscriber.position = number
        subscriber.state = .live
        subscriber.attempts = 0
        send(frames, to: subscriber)
    }

    private func request(_ subscriber: Subscriber, asking: Bool) {
        meters.catchUps.increment()
        subscriber.accessChanged = false
        requestCatchUp(
            CatchUp.Request(
                subscriber: LoopBound(subscriber, loop: loop), principal: subscriber.principal,
                interest: subscriber.interest,
                asksPolicy: asking, after: subscriber.position))
    }

    /// The answer to a request, back on the loop.
    func resume(_ subscriber: Subscriber, with answer: CatchUp.Answer) {
        guard subscriber.state == .catchingUp else { return }
        if subscriber.accessChanged { return request(subscriber, asking: true) }
        switch answer {
        case .unavailable:
            waitingForRetry.append(subscriber)
        case .reset(let reason, let access):
            if let access { apply(access, to: subscriber, announce: true) }
            meters.resets.increment()
            let frame = ControlFrame.reset(cursor: cursor, reason: reason)
            if !dismissIfBlind(subscriber) { goLive(subscriber, at: position, sending: frame) }
        case .history(let events, let complete, let access):
            if let access { apply(access, to: subscriber, announce: true) }
            if dismissIfBlind(subscriber) { return }
            let frames = events.lazy.filter { event in
                event.change == nil && subscriber.memberships.contains { $0.topic.name == event.topic }
            }.map(\.frame)
            send(Array(frames.joined()), to: subscriber)
            subscriber.position = max(subscriber.position, complete)
            proceed(subscriber)
        }
    }

    /// After a piece of history: the rest from memory, or the next piece, or first a pause for a slow reader.
    private func proceed(_ subscriber: Subscriber) {
        guard subscriber.state == .catchingUp else { return }
        if subscriber.stream.queuedBytes > configuration.replayWindow {
            subscriber.awaitsDrain = true
        } else {
            catchUp(subscriber, asking: false)
        }
    }

    func drained(_ subscriber: Subscriber) {
        guard subscriber.awaitsDrain else { return }
        subscriber.awaitsDrain = false
        proceed(subscriber)
    }

    /// A stream that asked for certain topics and may see none of them any more has no reason to stay.
    private func dismissIfBlind(_ subscriber: Subscriber) -> Bool {
        guard case .topics = subscriber.interest, subscriber.memberships.isEmpty else { return false }
        dismiss(subscriber, reason: "revoked", reconnect: configuration.retry.upperBound)
        return true
    }

    // MARK: Time

    /// One slot's heartbeats and renewals.
    func tick() {
        let retries = waitingForRetry
        waitingForRetry.removeAll()
        for subscriber in retries where subscriber.state == .catchingUp { request(subscriber, asking: true) }
        let now = loop.nowMilliseconds
        let renewal = UInt64(configuration.heartbeat.milliseconds) * 2
        let current = ControlFrame.heartbeat(cursor: cursor, nowMilliseconds: clock.milliseconds)
        let plain = ControlFrame.heartbeat(cursor: nil, nowMilliseconds: clock.milliseconds)
        for subscriber in slots[currentSlot] {
            let isCurrent = subscriber.state == .live && subscriber.position <= position
            send(isCurrent ? current : plain, to: subscriber)
            if subscriber.state == .live, subscriber.expires != .max, subscriber.expires < now + renewal {
                hold(subscriber)
            }
        }
        currentSlot = (currentSlot + 1) % slots.count
    }
}
