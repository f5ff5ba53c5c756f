import Core
import Store

/// The messages about the stream itself, as `docs/protocol.md` lists them.
extension Shard {
    /// The first message. It names the principal, so that a page notices when another user has signed in to its browser
    /// meanwhile.
    func ready(
        for principal: Principal, at cursor: Cursor, resumed: Bool, watching: Int, retry: Duration
    ) -> Message {
        let heartbeat = configuration.heartbeat.milliseconds
        let whose = TopicName.isValid(principal.id) ? #","principal":"\#(principal.id)""# : ""
        let facts = #""heartbeat_ms":\#(heartbeat),"watching":\#(watching)\#(whose)"#
        return Message(
            "ready", cursor: cursor, data: #"{"cursor":"\#(cursor)","resumed":\#(resumed),\#(facts)}"#,
            time: time.milliseconds, retry: retry)
    }

    /// How many streams watch the same as this one, so that its client knows how many will ask at once after an event. It's a
    /// rough number, so that few messages differ: a power of two, and as if every loop had as many as this one.
    func watching(_ subscriber: Subscriber) -> Int {
        let most = subscriber.memberships.reduce(0) { max($0, $1.topic.topic.count) } * shardCount
        return most == 0 ? 0 : 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
    }

    /// A comment for proxies and an event for the page: `EventSource` doesn't expose comments.
    func heartbeat(at cursor: Cursor?, watching: Int) -> Message {
        let now = time.milliseconds
        return Message(
            "heartbeat", cursor: cursor, data: #"{"now":\#(now),"watching":\#(watching)}"#, time: now,
            comment: "keepalive")
    }

    func reset(_ reason: String, at cursor: Cursor) -> Message {
        Message("reset", cursor: cursor, data: #"{"reason":"\#(reason)"}"#, time: time.milliseconds)
    }

    func bye(_ farewell: Farewell, reconnect: Duration) -> Message {
        Message(
            "bye", data: #"{"reason":"\#(farewell.rawValue)","reconnect_in_ms":\#(reconnect.milliseconds)}"#,
            time: time.milliseconds, retry: reconnect)
    }

    func granted(_ topic: String, at cursor: Cursor) -> Message {
        Message("granted", cursor: cursor, data: #"{"topic":"\#(topic)"}"#, time: time.milliseconds)
    }

    func revoked(_ topic: String, at cursor: Cursor) -> Message {
        Message("revoked", cursor: cursor, data: #"{"topic":"\#(topic)"}"#, time: time.milliseconds)
    }
}
