import Core
import Store

/// What the server says about the stream itself.
extension Shard {
    /// Names whose stream it is, so that a page notices when its browser has signed in somebody else meanwhile.
    func ready(for principal: Principal, at cursor: Cursor, resumed: Bool, retry: Duration) -> Message {
        let heartbeat = configuration.heartbeat.milliseconds
        let whose = TopicName.isValid(principal.id) ? #","principal":"\#(principal.id)""# : ""
        return Message(
            "ready", cursor: cursor,
            data: #"{"cursor":"\#(cursor)","resumed":\#(resumed),"heartbeat_ms":\#(heartbeat)\#(whose)}"#,
            time: clock.milliseconds, retry: Int(retry.milliseconds))
    }

    /// A comment for proxies and an event for the page: `EventSource` doesn't show comments to anybody.
    func heartbeat(at cursor: Cursor?) -> Message {
        let now = clock.milliseconds
        return Message("heartbeat", cursor: cursor, data: #"{"now":\#(now)}"#, time: now, comment: "keepalive")
    }

    func reset(_ reason: String) -> Message {
        Message("reset", cursor: cursor, data: #"{"reason":"\#(reason)"}"#, time: clock.milliseconds)
    }

    func bye(_ farewell: Farewell, reconnect: Duration) -> Message {
        Message(
            "bye", data: #"{"reason":"\#(farewell.rawValue)","reconnect_in_ms":\#(reconnect.milliseconds)}"#,
            time: clock.milliseconds, retry: Int(reconnect.milliseconds))
    }

    func granted(_ topic: String) -> Message {
        Message("granted", data: #"{"topic":"\#(topic)"}"#, time: clock.milliseconds)
    }

    func revoked(_ topic: String) -> Message {
        Message("revoked", data: #"{"topic":"\#(topic)"}"#, time: clock.milliseconds)
    }
}
