import Core
import EventLoop
import Store

/// What subscribers may see, and how it changes while their streams are open.
extension Shard {
    /// Makes the subscriber's topics those that the policy named.
    func apply(_ access: Access, to subscriber: Subscriber, announce: Bool) {
        let validity = access.spreadValidity(heartbeat: configuration.heartbeat)
        let (milliseconds, overflow) = loop.nowMilliseconds.addingReportingOverflow(
            UInt64(clamping: validity.milliseconds))
        subscriber.expires = overflow ? .max : milliseconds
        for membership in subscriber.memberships.reversed() where !access.topics.contains(membership.topic.name) {
            lose(membership.topic, subscriber)
        }
        for name in access.topics where !subscriber.memberships.contains(where: { $0.topic.name == name }) {
            join(name, subscriber)
            if announce { send([granted(name, at: cursor(of: subscriber))], to: subscriber) }
        }
        subscriber.forgetInterestIfGranted()
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

    /// Carries a change out for the streams of the principal that it concerns.
    func apply(_ change: AccessChange) {
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
                signOut(subscriber)
            }
        }
    }

    /// The session through which the stream was opened has ended.
    func signOut(_ subscriber: Subscriber) {
        dismiss(subscriber, .signedOut, reconnect: configuration.retry.upperBound)
    }

    /// Returns whether the principal's access has changed after `number`, as far as memory tells; true when memory
    /// doesn't reach back that far.
    func hasChangedAccess(of principal: Principal, since number: Int64) -> Bool {
        guard !principal.id.isEmpty, number < position else { return false }
        guard let first = recent.firstIndex(after: number, upTo: position) else { return true }
        return (first..<recent.count).contains { recent[$0].change?.principal == principal.id }
    }

    /// Stops a live subscriber at the current position and asks the policy again; the subscriber continues from there with
    /// what the answer allows.
    func hold(_ subscriber: Subscriber) {
        subscriber.position = max(subscriber.position, position)
        catchUp(subscriber, asking: true)
    }
}
