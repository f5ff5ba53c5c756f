import Core
import EventLoop

/// Ends a connection so that the last answer arrives: what is queued leaves, our side ends, and what the client still sends
/// is discarded until it ends too. Closing at once would make the kernel answer those bytes with a reset, which can
/// destroy the answer on its way (RFC 9112, section 9.6).
///
/// Meanwhile the connection still takes its place at the server.
final class LingeringClose: ConnectionHandler {
    private static let timeout = Duration.seconds(5)
    private static let maximumDiscarded = 4 * 1024 * 1024

    private var discarded = 0
    private var timer: LoopTimer?
    private let server: ServerState?
    private let client: Clients.Client?

    private init(server: ServerState?, client: Clients.Client?) {
        self.server = server
        self.client = client
        server?.beginLingering(client)
    }

    /// The connection must not have ended on the other side yet.
    static func begin(_ connection: Connection, at server: ServerState? = nil, of client: Clients.Client? = nil) {
        let linger = LingeringClose(server: server, client: client)
        connection.handler = linger
        linger.timer = connection.loop.schedule(after: timeout) { [weak connection] in connection?.abort() }
        connection.resumeReading()
        connection.closeWrite()
    }

    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        discarded += bytes.count
        if discarded > Self.maximumDiscarded { connection.abort() }
    }

    func receivedEnd(on connection: Connection) { connection.close() }

    func writable(on connection: Connection) {}

    func closed(on connection: Connection, error: (any CodedError)?) {
        timer?.cancel()
        timer = nil
        server?.endLingering(client)
    }
}
