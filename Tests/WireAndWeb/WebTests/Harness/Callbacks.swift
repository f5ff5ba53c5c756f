import Web
import Wire

/// Observes a stream by closures.
final class Callbacks: StreamObserver {
    private let onMessage: (WebSocketMessage) -> Void
    private let onWritable: () -> Void
    private let onClosed: () -> Void

    init(
        message: @escaping (WebSocketMessage) -> Void = { _ in }, writable: @escaping () -> Void = {},
        closed: @escaping () -> Void = {}
    ) {
        onMessage = message
        onWritable = writable
        onClosed = closed
    }

    func received(_ message: WebSocketMessage) { onMessage(message) }
    func becameWritable() { onWritable() }
    func closed() { onClosed() }
}

extension WebSocket {
    /// Sends back what it receives, and does what some texts ask for.
    func echo(closed: @escaping (WebSocketClosed) -> Void = { _ in }) {
        observer = Callbacks(
            message: { [unowned self] message in
                switch message {
                case .text("goodbye"): close(code: 4001, reason: "as you wish")
                case .text("vanish"): abort()
                case .text(let text): send(text: text)
                case .binary(let bytes): send(binary: bytes)
                default: break
                }
            }, closed: { [unowned self] in if let ending { closed(ending) } })
    }
}
