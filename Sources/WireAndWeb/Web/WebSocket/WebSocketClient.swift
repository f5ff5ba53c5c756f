import Core
package import Crypto
package import EventLoop
import Synchronization
package import Wire

/// Opens WebSockets to servers.
package enum WebSocketClient {
    /// Connects, does the handshake and returns the open socket.
    ///
    /// Redirects are refused: to follow one would send the headers to an address that the caller doesn't know.
    ///
    /// - Parameters:
    ///   - url: `ws://…` or `wss://…`, whose certificate and host name are verified.
    ///   - headers: sent with the handshake, such as `Authorization` or `Origin`.
    ///   - timeout: for connecting and the handshake together.
    ///   - inboundLimit: how many messages wait for the reader before the server has to.
    ///   - tls: for `wss`; nil trusts what the system trusts.
    /// - Throws: `WebSocketClientError`, `NetworkError`, `TLSError`, `CancellationError`.
    package static func connect(
        url: String, headers: Headers = [:], subprotocols: [String] = [], group: EventLoopGroup,
        options: WebSocketOptions = WebSocketOptions(), timeout: Duration = .seconds(15), inboundLimit: Int = 256,
        tls: TLSContext? = nil
    ) async throws -> WebSocketChannel {
        let address = try WebSocketAddress(url)
        let loop = group.next()
        let context = address.isSecure ? try tls ?? defaultContext() : nil
        let start = try await loop.submit { loop.now }
        let connection = try await Connector.connect(
            host: address.host, port: address.port, tls: context, timeout: timeout, loop: loop)
        let cancellation = HandshakeCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.execute {
                    let handshake = WebSocketClientConnection(
                        address: address, headers: headers, subprotocols: subprotocols, options: options,
                        inboundLimit: inboundLimit, continuation: continuation)
                    cancellation.set(LoopBound(handshake, loop: loop))
                    handshake.begin(connection.value, timeout: max(.zero, start + timeout - loop.now))
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Reading all certificate authorities is expensive, so it is done once.
    private static func defaultContext() throws -> TLSContext {
        try shared.withLock { context in
            if let context { return context }
            let made = try TLSContext.client(protocols: ["http/1.1"])
            context = made
            return made
        }
    }

    private static let shared = Mutex<TLSContext?>(nil)
}

/// Brings a task's cancellation to the loop, whichever comes first, it or the handshake.
private final class HandshakeCancellation: Sendable {
    private let state = Mutex<(handshake: LoopBound<WebSocketClientConnection>?, isCancelled: Bool)>((nil, false))

    func set(_ handshake: LoopBound<WebSocketClientConnection>) {
        let isCancelled = state.withLock { state in
            state.handshake = handshake
            return state.isCancelled
        }
        if isCancelled { handshake.loop.execute { handshake.value.cancel() } }
    }

    func cancel() {
        let handshake = state.withLock { state in
            state.isCancelled = true
            return state.handshake
        }
        if let handshake { handshake.loop.execute { handshake.value.cancel() } }
    }
}
