import Core
import EventLoop
import Store

/// The way of a subscriber to live.
///
/// A subscriber that catches up waits for exactly one of these: an answer of the hub, its socket's draining, the next turn of
/// the loop, or the next tick. Each leads back to `catchUp`.
extension Shard {
    /// Brings a subscriber from its position to live: in this very turn when memory reaches back far enough, its access
    /// needn't be asked about and not much is missing; otherwise step by step.
    func catchUp(_ subscriber: Subscriber, asking: Bool) {
        subscriber.state = .catchingUp
        if asking || subscriber.accessChanged { return request(.access, for: subscriber) }
        guard let first = recent.firstIndex(after: subscriber.position, upTo: position) else {
            return request(.history(after: subscriber.position), for: subscriber)
        }
        let missed = (first..<recent.count).lazy.map { self.recent[$0] }
        let messages = replay(missed, to: subscriber)
        if subscriber.position >= position { return goLive(subscriber, at: subscriber.position, sending: messages) }
        send(messages, to: subscriber)
        // Others have their turn first.
        let (shard, next) = (LoopBound(self, loop: loop), LoopBound(subscriber, loop: loop))
        loop.execute { shard.value.goOn(next.value) }
    }

    /// Returns the next step of a replay: what the subscriber may see of the events, up to the replay window. Moves its
    /// position accordingly.
    private func replay(_ events: some Collection<EncodedEvent>, to subscriber: Subscriber) -> [Message] {
        var messages: [Message] = []
        var bytes = 0
        for event in events where event.number > subscriber.position {
            guard bytes < configuration.replayWindow else { break }
            subscriber.position = event.number
            if let change = event.change {
                // The log is ahead of this shard: only the policy knows what the change means for the events behind it.
                guard event.number > position, change.principal == subscriber.principal.id else { continue }
                subscriber.accessChanged = true
                break
            }
            guard subscriber.memberships.contains(where: { $0.topic.name == event.topic }) else { continue }
            messages.append(event.message)
            bytes += event.message.eventStreamFrame.count
        }
        return messages
    }

    private func goLive(_ subscriber: Subscriber, at number: Int64, sending messages: [Message]) {
        subscriber.position = number
        subscriber.state = .live
        send(messages, to: subscriber)
    }

    func request(_ question: CatchUp.Question, for subscriber: Subscriber) {
        if case .access = question { subscriber.accessChanged = false }
        let request = CatchUp.Request(
            subscriber: LoopBound(subscriber, loop: loop), principal: subscriber.principal,
            interest: subscriber.interest, question: question)
        if requestCatchUp(request) {
            meters.catchUps.increment()
        } else {
            waitingForRetry.append(subscriber)
        }
    }

    /// The answer to a request, back on the loop.
    func resume(_ subscriber: Subscriber, with answer: CatchUp.Answer) {
        guard subscriber.state == .catchingUp else { return }
        if subscriber.accessChanged { return request(.access, for: subscriber) }
        switch answer {
        case .unavailable:
            waitingForRetry.append(subscriber)
        case .access(let access):
            apply(access, to: subscriber, announce: true)
            if !dismissIfNothingVisible(subscriber) { goOn(subscriber) }
        case .historyGone:
            meters.resets.increment()
            goLive(subscriber, at: position, sending: [reset("history_gone")])
        case .history(let events, let complete):
            send(replay(events, to: subscriber), to: subscriber)
            if events.isEmpty { subscriber.position = max(subscriber.position, complete) }
            goOn(subscriber)
        }
    }

    /// Takes the next step: now, or once a slow reader has read what was sent.
    private func goOn(_ subscriber: Subscriber) {
        guard subscriber.state == .catchingUp else { return }
        if subscriber.outlet.queuedBytes > configuration.replayWindow {
            subscriber.awaitsDrain = true
        } else {
            catchUp(subscriber, asking: false)
        }
    }

    func drained(_ subscriber: Subscriber) {
        guard subscriber.awaitsDrain else { return }
        subscriber.awaitsDrain = false
        goOn(subscriber)
    }

    /// Ends a stream that asked for certain topics and may see none of them any more.
    private func dismissIfNothingVisible(_ subscriber: Subscriber) -> Bool {
        guard case .topics = subscriber.interest, subscriber.memberships.isEmpty else { return false }
        dismiss(subscriber, .revoked, reconnect: configuration.retry.upperBound)
        return true
    }
}
