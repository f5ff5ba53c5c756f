import CLibuv
import Core
package import Crypto

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Opens connections to servers.
package enum Connector {
    /// Connects to the first address of `host` that answers, and calls `open` on `loop` with the connection, where its
    /// handler should be set; returns what that returned. With `tls`, the server is verified to be `host` before.
    /// - Parameters:
    ///   - serverName: what the server's certificate must be valid for, if that isn't `host`.
    ///   - timeout: for everything: name lookup, all addresses, handshake.
    ///   - open: the connection is reset if it throws.
    /// - Throws: `NetworkError` or `TLSError` that names host and reason; `CancellationError` when the task is cancelled.
    package static func connect<Result: Sendable>(
        host: String, port: Int, tls: TLSContext? = nil, serverName: String? = nil, timeout: Duration = .seconds(10),
        loop: EventLoop, open: @escaping @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        let state = Locked<(attempt: LoopBound<ConnectAttempt>?, isCancelled: Bool)>((nil, false))
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.execute {
                    let new = ConnectAttempt(
                        host: host, port: port, tls: tls, serverName: serverName ?? host, timeout: timeout, loop: loop
                    ) { result in
                        continuation.resume(
                            with: Swift.Result {
                                let connection = try result.get()
                                do {
                                    return try open(connection)
                                } catch {
                                    connection.abort()
                                    throw error
                                }
                            })
                    }
                    let isCancelled = state.withLock { state in
                        state.attempt = LoopBound(new, loop: loop)
                        return state.isCancelled
                    }
                    if isCancelled { new.end(.failure(CancellationError())) } else { new.start() }
                }
            }
        } onCancel: {
            loop.execute {
                let attempt = state.withLock { state in
                    state.isCancelled = true
                    return state.attempt
                }
                attempt?.value.end(.failure(CancellationError()))
            }
        }
    }

    /// The same, returning the connection itself; it reads nothing until its handler is set on its loop.
    ///
    /// - Throws: `NetworkError`, `TLSError` or `CancellationError`.
    package static func connect(
        host: String, port: Int, tls: TLSContext? = nil, serverName: String? = nil, timeout: Duration = .seconds(10),
        loop: EventLoop
    ) async throws -> LoopBound<Connection> {
        try await connect(
            host: host, port: port, tls: tls, serverName: serverName, timeout: timeout, loop: loop
        ) { LoopBound($0, loop: loop) }
    }

    /// The same for callers on the loop: `done` is called there once, and later, with a connection that reads nothing until its
    /// handler is set. Calling the returned closure cancels; `done` then receives a `CancellationError`.
    package static func connect(
        host: String, port: Int, tls: TLSContext? = nil, serverName: String? = nil, timeout: Duration = .seconds(10),
        on loop: EventLoop, done: @escaping (Result<Connection, any Error>) -> Void
    ) -> () -> Void {
        loop.preconditionCurrent()
        let attempt = ConnectAttempt(
            host: host, port: port, tls: tls, serverName: serverName ?? host, timeout: timeout, loop: loop
        ) { result in loop.atEndOfTurn { done(result) } }
        attempt.start()
        return { attempt.end(.failure(CancellationError())) }
    }
}

/// One call of `connect`, on its loop: tries one address after the other.
@safe private final class ConnectAttempt: LoopDependent {
    private let host: String
    private let port: Int
    private let tls: TLSContext?
    private let serverName: String
    private let timeout: Duration
    private let loop: EventLoop
    private var done: ((Result<Connection, any Error>) -> Void)?
    private var addresses: ArraySlice<RawAddress> = []
    private var timer: LoopTimer?
    private var attemptTimer: LoopTimer?
    private var deadline = Duration.zero
    private var last = NetworkError(code: "host_not_found", message: "the host has no address")
    private var fd: Int32 = -1
    private var poll: UnsafeMutablePointer<uv_poll_t>?
    private var connection: Connection?

    init(
        host: String, port: Int, tls: TLSContext?, serverName: String, timeout: Duration, loop: EventLoop,
        done: @escaping (Result<Connection, any Error>) -> Void
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.serverName = serverName
        self.timeout = timeout
        self.loop = loop
        self.done = done
    }

    private var name: String { SocketAddress(host: host, port: UInt16(clamping: port)).description }

    func start() {
        guard !loop.isStopping else { return end(.failure(NetworkError.system(ECANCELED, "connect to \(name)"))) }
        timer = loop.schedule(after: timeout) { [self] in
            end(.failure(NetworkError(code: "timed_out", message: "\(name) did not answer within \(timeout)")))
        }
        deadline = loop.now + timeout
        Resolver.start(host: host, port: port, on: loop) { [self] result in
            guard done != nil else { return }
            switch result {
            case .success(let found):
                addresses = found[...]
                tryNext()
            case .failure(let error): end(.failure(error))
            }
        }
    }

    /// The outcome, once; whatever is still open is closed.
    func end(_ result: Result<Connection, any Error>) {
        guard let done else { return }
        self.done = nil
        timer?.cancel()
        closePoll()
        if fd >= 0 { systemClose(fd) }
        fd = -1
        if case .failure = result { connection?.abort() }
        connection = nil
        done(result)
    }

    func loopStops() { end(.failure(NetworkError.system(ECANCELED, "connect to \(name)"))) }

    private func tryNext() {
        closePoll()
        if fd >= 0 { systemClose(fd) }
        fd = -1
        guard !loop.isStopping else { return loopStops() }
        guard let address = addresses.popFirst() else { return end(.failure(last)) }
        let socket = tandem_socket(address.family)
        guard socket >= 0 else { return failed(errno) }
        fd = socket
        LostPeer.watch(socket)
        let result = unsafe address.withPointer { unsafe systemConnect(socket, $0, $1) }
        guard result != 0 else { return connected(to: address) }
        guard errno == EINPROGRESS else { return failed(errno) }
        let poll = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
        let status = unsafe uv_poll_init(loop.uv, poll, socket)
        guard status == 0 else {
            unsafe poll.deallocate()
            return failed(-status)
        }
        unsafe self.poll = unsafe poll
        self.address = address
        // Balanced in the callback of `uv_close`.
        unsafe poll.pointee.data = Unmanaged.passRetained(self as AnyObject).toOpaque()
        unsafe uv_poll_start(poll, Int32(UV_WRITABLE.rawValue)) { handle, _, _ in
            let owner = unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
            unsafe unsafeDowncast(owner, to: ConnectAttempt.self).answered()
        }
        // An address that doesn't answer leaves time for the others.
        guard !addresses.isEmpty else { return }
        let share = max(.zero, deadline - loop.now) / (addresses.count + 1)
        attemptTimer = loop.schedule(after: share) { [self] in failed(ETIMEDOUT) }
    }

    private var address: RawAddress?

    private func answered() {
        guard let address else { return }
        let error = tandem_socket_error(fd)
        if error == 0 { connected(to: address) } else { failed(error) }
    }

    private func failed(_ error: Int32) {
        last = .system(error, "connect to \(name)")
        tryNext()
    }

    private func connected(to address: RawAddress) {
        closePoll()
        let socket = fd
        fd = -1
        do {
            let engine = try tls.map { context throws(TLSError) in
                try TLSEngine(context: context, serverName: serverName)
            }
            let connection = Connection(
                fd: socket, loop: loop, remoteAddress: SocketAddress(address.storage), engine: engine)
            guard engine != nil else { return end(.success(connection)) }
            self.connection = connection
            connection.startHandshake(timeout: timeout) { [self] error in
                end(error.map { .failure($0) } ?? .success(connection))
            }
        } catch {
            systemClose(socket)
            end(.failure(error))
        }
    }

    private func closePoll() {
        attemptTimer?.cancel()
        attemptTimer = nil
        guard let poll = unsafe poll else { return }
        unsafe self.poll = nil
        unsafe uv_close(UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).release()
            unsafe UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_poll_t.self).deallocate()
        }
    }
}
