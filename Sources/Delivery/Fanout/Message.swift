import Core
import Store
import Synchronization
import Wire

/// Something that streams are told: encoded once for each transport, its frames shared by all who receive it.
final class Message: Sendable {
    /// Nil for what happened; what the server says about the stream itself has a name, so that a browser's plain
    /// `onmessage` receives events only.
    private let name: String?
    private let cursor: Cursor?
    /// JSON.
    private let data: String
    /// Milliseconds since 1970.
    private let time: Int64
    /// For `text/event-stream`.
    let eventStreamFrame: [UInt8]
    private let encodedForWebSocket = Mutex<[UInt8]?>(nil)

    /// - Parameters:
    ///   - cursor: where a client that has seen this message continues.
    ///   - retry: how many milliseconds a browser waits before it comes back by itself.
    ///   - comment: what shows proxies that the stream is alive.
    init(
        _ name: String? = nil, cursor: Cursor? = nil, data: String, time: Int64, retry: Int? = nil,
        comment: String? = nil
    ) {
        self.name = name
        self.cursor = cursor
        self.data = data
        self.time = time
        eventStreamFrame = SSE.encode(
            id: cursor?.description, event: name, data: data, retry: retry, comment: comment)
    }

    /// For a WebSocket: one text message. Made when the first WebSocket is to receive it.
    var webSocketFrame: [UInt8] {
        encodedForWebSocket.withLock { encoded in
            if let encoded { return encoded }
            let id = cursor.map { #","id":"\#($0)""# } ?? ""
            let text =
                #"{"v":1,"type":"event","event":"\#(name ?? "message")"\#(id),"payload":\#(data),"ts":\#(time)}"#
            let frame = WebSocketCodec.sharedFrame(text: text)
            encoded = frame
            return frame
        }
    }
}

/// An event as the shards handle it: encoded once, shared by everybody who receives it.
struct EncodedEvent: Sendable {
    let number: Int64
    let topic: String
    let message: Message
    let change: AccessChange?

    init(_ event: Event, epoch: String) {
        number = event.number
        topic = event.topic
        change = AccessChange(event)
        message = Message(cursor: Cursor(epoch: epoch, number: event.number), data: event.payload, time: event.time)
    }
}

/// Why the server ends a stream.
enum Farewell: String {
    case draining
    case revoked
    case signedOut = "signed_out"
    case slow
    case tooManyStreams = "too_many_streams"

    /// The WebSocket close code: IANA's where there is one, else the protocol's own.
    var closeCode: WebSocketCloseCode {
        switch self {
        case .draining: .serviceRestart
        case .signedOut: 4001
        case .revoked: 4003
        case .slow: 4008
        case .tooManyStreams: 4029
        }
    }
}

/// What the server says about the stream itself.
extension Shard {
    /// Names whose stream it is, so that a page notices when its browser has signed in somebody else meanwhile.
    func ready(for principal: Principal, at cursor: Cursor, resumed: Bool, retry: Duration) -> Message {
        let heartbeat = configuration.heartbeat.milliseconds
        let whose = TopicName.isValid(principal.id) ? #","principal":"\#(principal.id)""# : ""
        return Message(
            "ready", cursor: cursor,
            data: #"{"cursor":"\#(cursor)","resumed":\#(resumed),"heartbeat_ms":\#(heartbeat)\#(whose)}"#,
            time: clock.milliseconds, retry: retry.milliseconds)
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
            time: clock.milliseconds, retry: reconnect.milliseconds)
    }

    func granted(_ topic: String) -> Message {
        Message("granted", data: #"{"topic":"\#(topic)"}"#, time: clock.milliseconds)
    }

    func revoked(_ topic: String) -> Message {
        Message("revoked", data: #"{"topic":"\#(topic)"}"#, time: clock.milliseconds)
    }
}

extension Duration {
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
