import Web

/// How a subscriber is reached. An enumeration rather than a protocol: every delivery goes through here.
enum Outlet {
    case eventStream(EventStream)
    case webSocket(WebSocket)

    /// Bytes that the client has not taken yet.
    var queuedBytes: Int {
        switch self {
        case .eventStream(let stream): stream.queuedBytes
        case .webSocket(let socket): socket.queuedBytes
        }
    }

    func send(_ delivery: Delivery) {
        switch self {
        case .eventStream(let stream): stream.send(delivery.toEventStreams)
        case .webSocket(let socket): socket.send(frame: delivery.toWebSockets)
        }
    }

    /// Sends several messages in one system call.
    func send(_ messages: [Message]) {
        switch self {
        case .eventStream(let stream): stream.send(messages.map(\.eventStreamFrame))
        case .webSocket(let socket): socket.send(frames: messages.map(\.webSocketFrame))
        }
    }

    /// Ends the stream once what is queued has been written, or after a few seconds.
    func close(_ farewell: Farewell) {
        switch self {
        case .eventStream(let stream): stream.close()
        case .webSocket(let socket): socket.close(code: farewell.closeCode, reason: farewell.rawValue)
        }
    }
}
