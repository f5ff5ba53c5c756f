import Core
import Store

/// The messages about the stream itself, as `docs/protocol.md` lists them.
extension Shard {
    /// The first message. It names the principal, so that a page notices when another user has signed in to its browser
    /// meanwhile.
    func ready(for principal: Principal, at cursor: Cursor, resumed: Bool, retry: Duration) -> Message {
        let heartbeat = configuration.heartbeat.milliseconds
        let whose = TopicName.isValid(principal.id) ? #","principal":"\#(principal.id)""# : ""
        return Message(
            "ready", cursor: cursor,
            data: #"{"cursor":"\#(cursor)","resumed":\#(resumed),"heartbeat_ms":\#(heartbeat)\#(whose)}"#,
            time: time.milliseconds, retry: retry)
    }

    /// A comment for proxies and an event for the page: `EventSource` doesn't expose comments.
    func heartbeat(at cursor: Cursor?) -> Message {
        let now = time.milliseconds
        return Message("heartbeat", cursor: cursor, data: #"{"now":\#(now)}"#, time: now, comment: "keepalive")
    }

    func reset(_ reason: String) -> Message {
        Message("reset", cursor: cursor, data: #"{"reason":"\#(reason)"}"#, time: time.milliseconds)
    }

    func bye(_ farewell: Farewell, reconnect: Duration) -> Message {
        Message(
            "bye", data: #"{"reason":"\#(farewell.rawValue)","reconnect_in_ms":\#(reconnect.milliseconds)}"#,
            time: time.milliseconds, retry: reconnect)
    }

    func granted(_ topic: String) -> Message {
        Message("granted", data: #"{"topic":"\#(topic)"}"#, time: time.milliseconds)
    }

    func revoked(_ topic: String) -> Message {
        Message("revoked", data: #"{"topic":"\#(topic)"}"#, time: time.milliseconds)
    }
}
