import Core
import EventLoop

/// What is due on a shard as time passes.
extension Shard {
    /// Sends one slot's heartbeats, asks for the renewal of its grants that end soon, and repeats requests that could not be
    /// answered.
    func tick() {
        for subscriber in exchange(&retries[currentSlot], with: []) where subscriber.state == .catchingUp {
            requestAccess(for: subscriber)
        }
        let now = loop.nowMilliseconds
        let renewal = UInt64(configuration.heartbeat.milliseconds) * 2
        // By what differs: few numbers of watchers, each once with the position and once without.
        var messages: [Int: (current: Message, plain: Message)] = [:]
        for subscriber in slots[currentSlot] {
            let isCurrent = subscriber.state == .live && subscriber.position <= position
            let watching = watching(subscriber)
            let message =
                messages[watching]
                ?? (heartbeat(at: cursor, watching: watching), heartbeat(at: nil, watching: watching))
            messages[watching] = message
            send([isCurrent ? message.current : message.plain], to: subscriber)
            if subscriber.state == .live, subscriber.expires != .max, subscriber.expires < now + renewal {
                hold(subscriber)
            }
        }
        currentSlot = (currentSlot + 1) % slots.count
    }

    /// Its request could not be taken or answered: it asks again at one of the coming ticks, not all at the same.
    func retryLater(_ subscriber: Subscriber) {
        retries[(currentSlot + Int.random(in: 5..<retries.count)) % retries.count].append(subscriber)
    }
}
