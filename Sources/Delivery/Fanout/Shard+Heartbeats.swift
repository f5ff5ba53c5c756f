import Core
import EventLoop

/// What is due on a shard as time passes.
extension Shard {
    /// Sends one slot's heartbeats, asks for the renewal of its grants that end soon, and repeats requests that could not be
    /// answered.
    func tick() {
        let retries = waitingForRetry
        waitingForRetry.removeAll()
        for subscriber in retries where subscriber.state == .catchingUp { request(.access, for: subscriber) }
        let now = loop.nowMilliseconds
        let renewal = UInt64(configuration.heartbeat.milliseconds) * 2
        let current = heartbeat(at: cursor)
        let plain = heartbeat(at: nil)
        for subscriber in slots[currentSlot] {
            let isCurrent = subscriber.state == .live && subscriber.position <= position
            send([isCurrent ? current : plain], to: subscriber)
            if subscriber.state == .live, subscriber.expires != .max, subscriber.expires < now + renewal {
                hold(subscriber)
            }
        }
        currentSlot = (currentSlot + 1) % slots.count
    }
}
