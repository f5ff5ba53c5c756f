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
        if asking || subscriber.accessChanged { return requestAccess(for: subscriber) }
        guard let first = recent.firstIndex(after: subscriber.position, upTo: position) else {
            guard position - subscriber.position <= configuration.replayLimit else {
                return startAnew(subscriber, "too_far_behind")
            }
            guard !subscriber.memberships.isEmpty else { return goLive(subscriber, at: position, sending: []) }
            return request(
                .history(of: subscriber.memberships.map(\.topic.name), after: subscriber.position), for: subscriber)
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
        var viewHasChanged = false
        for event in events where event.number > subscriber.position {
            guard bytes < configuration.replayWindow else { break }
            // What the shard hasn't had yet comes to the subscriber as it comes to all others, changes of access in between.
            guard event.number <= position else { break }
            subscriber.position = event.number
            if case .changed(let topic) = event.change, subscriber.group(of: topic) != nil { viewHasChanged = true }
            guard event.change == nil, subscriber.mayReceive(event) else { continue }
            messages.append(event.message)
            bytes += event.message.eventStreamFrame.count
        }
        // What it sees now may not be what it saw when it left: it wasn't told what it didn't see then.
        if viewHasChanged {
            meters.resets.increment()
            messages.append(reset("view_changed", at: Cursor(epoch: epoch, number: subscriber.position)))
        }
        return messages
    }

    private func goLive(_ subscriber: Subscriber, at number: Int64, sending messages: [Message]) {
        subscriber.position = number
        subscriber.state = .live
        send(messages, to: subscriber)
    }

    func requestAccess(for subscriber: Subscriber) {
        subscriber.accessChanged = false
        request(.access(to: subscriber.interest, asOf: position), for: subscriber)
    }

    private func request(_ question: CatchUp.Question, for subscriber: Subscriber) {
        let request = CatchUp.Request(
            subscriber: LoopBound(subscriber, loop: loop), principal: subscriber.principal, question: question)
        if requestCatchUp(request) {
            meters.catchUps.increment()
        } else {
            retryLater(subscriber)
        }
    }

    /// The client has to fetch everything anew; from here on it's live.
    private func startAnew(_ subscriber: Subscriber, _ reason: String) {
        meters.resets.increment()
        goLive(subscriber, at: position, sending: [reset(reason, at: cursor)])
    }

    /// The answer to a request, back on the loop.
    func resume(_ subscriber: Subscriber, with answer: CatchUp.Answer) {
        guard subscriber.state == .catchingUp else { return }
        if subscriber.accessChanged { return requestAccess(for: subscriber) }
        switch answer {
        case .unavailable:
            retryLater(subscriber)
        case .access(let access, _) where access.isSignedOut: signOut(subscriber)
        case .access(let access, let number):
            apply(access, to: subscriber, announce: true)
            // A topic that it has only just joined may have changed while the policy was being asked.
            if viewsHaveChanged(for: subscriber, since: number) { return requestAccess(for: subscriber) }
            if !dismissIfNothingVisible(subscriber) { goOn(subscriber) }
        case .historyGone: startAnew(subscriber, "history_gone")
        case .history(let missed):
            let messages = replay(missed.events, to: subscriber)
            // All of them went into this step: nothing of its topics lies between the last one and the end.
            if subscriber.position >= missed.events.last?.number ?? 0 {
                subscriber.position = max(subscriber.position, min(missed.complete, position))
            }
            send(messages, to: subscriber)
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
