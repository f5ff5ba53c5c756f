import Core
import Store
import Synchronization
import Wire

/// Something that is sent to streams: encoded once for each transport, its frames shared by all that receive it.
final class Message: Sendable {
    /// Nil for events; messages about the stream itself have a name, so that a browser's plain `onmessage` receives events
    /// only.
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
    ///   - retry: how long a browser waits before it reconnects by itself.
    ///   - comment: shows proxies that the stream is alive.
    init(
        _ name: String? = nil, cursor: Cursor? = nil, data: String, time: Int64, retry: Duration? = nil,
        comment: String? = nil
    ) {
        self.name = name
        self.cursor = cursor
        self.data = data
        self.time = time
        eventStreamFrame = SSE.encode(
            id: cursor?.description, event: name, data: data, retry: retry.map { Int($0.milliseconds) },
            comment: comment)
    }

    /// For a WebSocket: one text message, encoded when the first WebSocket is to receive it.
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
