import Store
import Wire

/// An event as the shards handle it: encoded once, shared by everybody who receives it.
struct EncodedEvent: Sendable {
    let number: Int64
    let topic: String
    let frame: [UInt8]
    let change: AccessChange?

    init(_ event: Event, epoch: String) {
        number = event.number
        topic = event.topic
        change = AccessChange(event)
        frame = SSE.encode(id: "\(epoch)-\(event.number)", data: event.payload)
    }
}

/// The frames by which the server speaks about the stream itself. Each has a name, so that a client's plain `onmessage`
/// receives events only.
enum ControlFrame {
    static func ready(cursor: Cursor, resumed: Bool, heartbeat: Duration, retry: Duration) -> [UInt8] {
        let data = #"{"cursor":"\#(cursor)","resumed":\#(resumed),"heartbeat_ms":\#(heartbeat.milliseconds)}"#
        return SSE.encode(id: "\(cursor)", event: "ready", data: data, retry: retry.milliseconds)
    }

    /// A comment for proxies and an event for the page: `EventSource` doesn't show comments to anybody.
    static func heartbeat(cursor: Cursor?, nowMilliseconds: Int64) -> [UInt8] {
        SSE.encode(
            id: cursor.map { "\($0)" }, event: "heartbeat", data: #"{"now":\#(nowMilliseconds)}"#, comment: "keepalive")
    }

    static func reset(cursor: Cursor, reason: String) -> [UInt8] {
        SSE.encode(id: "\(cursor)", event: "reset", data: #"{"reason":"\#(reason)"}"#)
    }

    static func bye(reason: String, reconnect: Duration) -> [UInt8] {
        SSE.encode(
            event: "bye", data: #"{"reason":"\#(reason)","reconnect_in_ms":\#(reconnect.milliseconds)}"#,
            retry: reconnect.milliseconds)
    }

    static func access(_ change: String, topic: String) -> [UInt8] {
        SSE.encode(event: change, data: #"{"topic":"\#(topic)"}"#)
    }
}

extension Duration {
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
