import Core
package import EventLoop
import Synchronization
package import Wire

/// A WebSocket for tasks: messages are read with `for try await`, and sending waits for a slow other side.
///
/// At most `inboundLimit` messages are kept for the reader; above that, reading pauses and the other side has to wait. One task
/// reads. When the channel is released the connection ends.
package final class WebSocketChannel: Sendable {
    package let loop: EventLoop
    package let subprotocol: String?
    private let socket: LoopBound<WebSocket>
    private let inbound: WebSocketInbound

    /// Takes over a socket, on its loop, and becomes its observer.
    package init(_ socket: WebSocket, on loop: EventLoop, inboundLimit: Int = 256) {
        let bound = LoopBound(socket, loop: loop)
        let inbound = WebSocketInbound(limit: inboundLimit, socket: bound)
        self.loop = loop
        self.socket = bound
        self.inbound = inbound
        subprotocol = socket.subprotocol
        socket.observer = inbound
    }

    deinit {
        let socket = socket
        socket.loop.execute { socket.value.abort() }
    }

    /// The texts and binaries that arrive, in order. Ends when this side has closed; throws `WebSocketClosed` when the other side
    /// has, or when the connection was lost. May be gone through once.
    package var messages: WebSocketMessages { WebSocketMessages(inbound: inbound) }

    /// Why it is over; nil while it isn't.
    package var ending: WebSocketClosed? { inbound.ending }

    /// Returns once the socket has taken the message, or has room for it.
    ///
    /// - Throws: `WebSocketClosed` when the socket is over.
    package func send(text: String) async throws { try await send { $0.send(text: text) } }

    /// The same for bytes.
    ///
    /// - Throws: `WebSocketClosed` when the socket is over.
    package func send(binary: [UInt8]) async throws { try await send { $0.send(binary: binary) } }

    /// Sends a close frame and returns when the other side has answered it, or hasn't in time.
    package func close(code: WebSocketCloseCode = .normal, reason: String = "") async {
        inbound.closing()
        let socket = socket
        loop.execute { socket.value.close(code: code, reason: reason) }
        await inbound.ended()
    }

    /// Ends the connection at once.
    package func abort() {
        inbound.closing()
        let socket = socket
        loop.execute { socket.value.abort() }
    }

    private func send(_ body: @escaping @Sendable (WebSocket) -> Void) async throws {
        if let ending { throw ending }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let (socket, inbound) = (socket, inbound)
            let work: @Sendable () -> Void = {
                body(socket.value)
                inbound.sent(queuedBytes: socket.value.queuedBytes, continuation)
            }
            loop.isCurrent ? work() : loop.execute(work)
        }
    }
}
