import Core
import EventLoop
import Wire

/// A client's connection until the server has accepted the WebSocket.
final class WebSocketClientConnection: ConnectionHandler {
    private let address: WebSocketAddress
    private let headers: Headers
    private let options: WebSocketOptions
    private let inboundLimit: Int
    private let handshake: WebSocketClientHandshake
    private var parser = ResponseParser()
    private var connection: Connection?
    private var timer: LoopTimer?
    private var continuation: CheckedContinuation<WebSocketChannel, any Error>?
    private var isCancelled = false

    init(
        address: WebSocketAddress, headers: Headers, subprotocols: [String], options: WebSocketOptions,
        inboundLimit: Int, continuation: CheckedContinuation<WebSocketChannel, any Error>
    ) {
        self.address = address
        self.headers = headers
        self.options = options
        self.inboundLimit = inboundLimit
        self.continuation = continuation
        handshake = WebSocketClientHandshake(
            subprotocols: subprotocols, deflate: options.deflate ? WebSocketDeflate() : nil)
    }

    func begin(_ connection: Connection, timeout: Duration) {
        self.connection = connection
        if isCancelled { return fail(CancellationError()) }
        timer = connection.loop.schedule(after: timeout) { [weak self] in self?.fail(WebSocketClientError.timeout) }
        var fields: Headers = ["Host": address.authority]
        fields.append(contentsOf: handshake.headers)
        fields.append(contentsOf: headers)
        parser.requestSent(method: "GET")
        connection.handler = self
        connection.write(
            RequestSerializer.head(
                RequestHead(method: "GET", target: address.target, headers: fields), framing: .none))
    }

    func cancel() {
        isCancelled = true
        if connection != nil { fail(CancellationError()) }
    }

    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        unsafe parser.append(bytes)
        do {
            while let part = try parser.next() {
                guard case .head(let head) = part else { continue }
                return try accept(head, on: connection)
            }
        } catch let error as HTTPParseError {
            fail(WebSocketClientError("bad_response", "The server didn't answer with HTTP: \(error.message)"))
        } catch {
            fail(error)
        }
    }

    func receivedEnd(on connection: Connection) {
        fail(WebSocketClientError("connection_lost", "The server ended the connection within the handshake."))
    }

    func closed(on connection: Connection, error: (any CodedError)?) {
        fail(
            WebSocketClientError(
                "connection_lost", error?.message ?? "The connection was lost within the handshake."))
    }

    private func accept(_ head: ResponseHead, on connection: Connection) throws {
        guard (300..<400).contains(head.status) == false else {
            throw WebSocketClientError(
                "redirected", "The server wants to redirect the WebSocket, which is refused.", status: head.status)
        }
        let agreement: WebSocketHandshake.Agreement
        do throws(WebSocketHandshakeError) {
            agreement = try handshake.verify(head)
        } catch {
            throw WebSocketClientError("refused", error.message, status: head.status)
        }
        let terms = WebSocketTerms(
            role: .client, options: options, deflate: agreement.deflate, subprotocol: agreement.subprotocol)
        let socket = WebSocket(connection, terms, owner: nil)
        let channel = WebSocketChannel(socket, on: connection.loop, inboundLimit: inboundLimit)
        timer?.cancel()
        self.connection = nil
        socket.begin(with: parser.takeRemaining())
        finish(.success(channel))
    }

    private func fail(_ error: any Error) {
        let connection = connection
        self.connection = nil
        connection?.handler = nil
        connection?.abort()
        finish(.failure(error))
    }

    private func finish(_ result: Result<WebSocketChannel, any Error>) {
        timer?.cancel()
        timer = nil
        let continuation = continuation
        self.continuation = nil
        continuation?.resume(with: result)
    }
}
