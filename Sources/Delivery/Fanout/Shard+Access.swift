import Core
import EventLoop
import Store

/// What subscribers may see, and how it changes while their streams are open.
extension Shard {
    /// Makes the subscriber's topics those that the policy named, and has it see of them what the policy allows.
    func apply(_ access: Access, to subscriber: Subscriber, announce: Bool) {
        let validity = access.spreadValidity(heartbeat: configuration.heartbeat)
        let (milliseconds, overflow) = loop.nowMilliseconds.addingReportingOverflow(
            UInt64(clamping: validity.milliseconds))
        subscriber.expires = overflow ? .max : milliseconds
        for membership in subscriber.memberships.reversed() where !access.topics.contains(membership.topic.name) {
            lose(membership.topic, subscriber)
        }
        var seesOtherwise = false
        for name in access.topics {
            let view = access.view(of: name)
            if let group = subscriber.group(of: name) {
                guard group.view != view else { continue }
                subscriber.keepInterest()
                leave(group, subscriber)
                join(name, view, subscriber)
                seesOtherwise = true
            } else {
                join(name, view, subscriber)
                if announce { send([granted(name, at: cursor(of: subscriber))], to: subscriber) }
            }
        }
        subscriber.forgetInterestIfGranted()
        // What it may see now, and was not sent before, it has to fetch; and what it may no longer see would stay for good.
        if announce, seesOtherwise {
            meters.resets.increment()
            send([reset("view_changed", at: cursor(of: subscriber))], to: subscriber)
        }
    }

    private func lose(_ topic: TopicSubscribers, _ subscriber: Subscriber) {
        subscriber.keepInterest()
        leave(topic, subscriber)
        meters.revocations.increment()
        send([revoked(topic.name, at: cursor(of: subscriber))], to: subscriber)
    }

    /// Up to where the subscriber has been sent everything that it may see; by another process even further than this one knows.
    private func cursor(of subscriber: Subscriber) -> Cursor {
        Cursor(
            epoch: epoch,
            number: subscriber.state == .live ? max(position, subscriber.position) : subscriber.position)
    }

    /// Carries a change out for the streams that it concerns.
    func apply(_ change: AccessChange) {
        if case .changed(let name) = change { return holdAll(interestedIn: name) }
        for subscriber in change.principal.flatMap({ principals[$0] }) ?? [] where subscriber.state != .closed {
            switch change {
            case .revoked(_, let name):
                subscriber.accessChanged = subscriber.state == .catchingUp
                if let group = subscriber.group(of: name) { lose(group, subscriber) }
                if case .topics = subscriber.interest, subscriber.memberships.isEmpty {
                    dismiss(subscriber, .revoked, reconnect: configuration.retry.upperBound)
                }
            case .granted(_, let name):
                guard subscriber.interest.includes(name) else { continue }
                if subscriber.state == .live { hold(subscriber) } else { subscriber.accessChanged = true }
            case .changed: continue
            case .sessionEnded(_, let session):
                guard subscriber.principal.session == session else { continue }
                signOut(subscriber)
            }
        }
    }

    /// What is seen of the topic has changed: nobody is sent more of it before the policy has been asked again.
    private func holdAll(interestedIn name: String) {
        viewChanges[name] = position
        for group in topics[name]?.groups ?? [] {
            for subscriber in group.subscribers {
                if subscriber.state == .live { hold(subscriber) } else { subscriber.accessChanged = true }
            }
        }
    }

    func viewsHaveChanged(for subscriber: Subscriber, since number: Int64) -> Bool {
        subscriber.memberships.contains { viewChanges[$0.topic.name] ?? 0 > number }
    }

    /// The session through which the stream was opened has ended.
    func signOut(_ subscriber: Subscriber) {
        dismiss(subscriber, .signedOut, reconnect: configuration.retry.upperBound)
    }

    /// Returns whether the subscriber's access has changed after `number`, as far as memory tells; true when memory doesn't reach
    /// back that far.
    func hasChangedAccess(of subscriber: Subscriber, since number: Int64) -> Bool {
        let principal = subscriber.principal.id
        guard !principal.isEmpty, number < position else { return false }
        guard let first = recent.firstIndex(after: number, upTo: position) else { return true }
        return (first..<recent.count).contains { index in
            switch recent[index].change {
            case nil: false
            case .changed(let topic): subscriber.group(of: topic) != nil
            case let change?: change.principal == principal
            }
        }
    }

    /// Stops a live subscriber at the current position and asks the policy again; the subscriber continues from there with
    /// what the answer allows.
    func hold(_ subscriber: Subscriber) {
        subscriber.position = max(subscriber.position, position)
        catchUp(subscriber, asking: true)
    }
}
