import CLibuv
package import Core
package import Crypto

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A listening socket whose connections are spread over the loops of a group, in turn.
package final class Listener: Sendable {
    /// How connections are accepted.
    package struct Configuration: Sendable {
        /// Connections that wait to be accepted; the system may allow fewer.
        package var backlog: Int32 = 1024
        /// How long a TLS handshake may take.
        package var handshakeTimeout: Duration = .seconds(10)
        /// Called, on a loop, for connections that failed before they came to `onConnection`, and when the process has no
        /// descriptors left.
        package var onFault: (@Sendable (any CodedError) -> Void)?

        package init(
            backlog: Int32 = 1024, handshakeTimeout: Duration = .seconds(10),
            onFault: (@Sendable (any CodedError) -> Void)? = nil
        ) {
            self.backlog = backlog
            self.handshakeTimeout = handshakeTimeout
            self.onFault = onFault
        }
    }

    package let address: SocketAddress
    /// The port in use, also where 0 (any free one) was asked for.
    package var port: Int { Int(address.port) }
    private let loop: EventLoop
    private let acceptor: LoopBound<Acceptor>

    private init(address: SocketAddress, loop: EventLoop, acceptor: LoopBound<Acceptor>) {
        self.address = address
        self.loop = loop
        self.acceptor = acceptor
    }

    /// Listens on `host` (a name or an address; `::` means every address of this machine, also IPv4) and `port` (0: any).
    ///
    /// `onConnection` is called on the loop that the connection will live on and sets its handler; with `tls`, once the
    /// handshake has succeeded.
    /// - Throws: `NetworkError`, with code `address_in_use` if another socket listens there.
    package static func bind(
        host: String, port: Int, group: EventLoopGroup, tls: TLSContext? = nil,
        configuration: Configuration = Configuration(), onConnection: @escaping @Sendable (Connection) -> Void
    ) async throws -> Listener {
        let loop = group.loops[0]
        let addresses = try await Resolver.resolve(host: host, port: port, passive: true, on: loop)
        return try await loop.submit {
            let (fd, address) = try open(addresses, host: host, port: port, backlog: configuration.backlog)
            let acceptor = Acceptor(
                fd: fd, loop: loop, group: group, tls: tls, configuration: configuration, onConnection: onConnection)
            return Listener(address: address, loop: loop, acceptor: LoopBound(acceptor, loop: loop))
        }
    }

    /// Accepts no more connections; those that exist stay, and those that wait to be accepted are. The port is free when
    /// this returns.
    package func close() async {
        await withCheckedContinuation { continuation in
            loop.execute { [acceptor] in
                acceptor.value.acceptLast()
                acceptor.value.close()
                continuation.resume()
            }
        }
    }

    private static func open(
        _ addresses: [RawAddress], host: String, port: Int, backlog: Int32
    ) throws -> (Int32, SocketAddress) {
        let what = "listen on \(SocketAddress(host: host, port: UInt16(clamping: port)))"
        var last = EADDRNOTAVAIL
        for address in addresses {
            let fd = tandem_socket(address.family)
            guard fd >= 0 else {
                last = errno
                continue
            }
            // Connections of an earlier process that are being forgotten don't hold the port; a listener does.
            tandem_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1)
            LostPeer.watch(fd)
            if address.family == AF_INET6 { tandem_set_option(fd, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
            let isBound = unsafe address.withPointer { unsafe systemBind(fd, $0, $1) == 0 }
            if isBound, listen(fd, backlog) == 0 { return (fd, SocketAddress(RawAddress.local(of: fd).storage)) }
            last = errno
            systemClose(fd)
            if last == EADDRINUSE || last == EACCES { break }
        }
        throw NetworkError.system(last, what)
    }
}

/// The part of a listener that lives on its loop: accepts and hands out.
@safe private final class Acceptor: LoopDependent {
    private let fd: Int32
    private let loop: EventLoop
    private let group: EventLoopGroup
    private let tls: TLSContext?
    private let configuration: Listener.Configuration
    private let onConnection: @Sendable (Connection) -> Void
    private var poll: UnsafeMutablePointer<uv_poll_t>?
    private var pause: LoopTimer?
    /// The loop that gets the next connection.
    private var turn = 0

    init(
        fd: Int32, loop: EventLoop, group: EventLoopGroup, tls: TLSContext?, configuration: Listener.Configuration,
        onConnection: @escaping @Sendable (Connection) -> Void
    ) {
        self.fd = fd
        self.loop = loop
        self.group = group
        self.tls = tls
        self.configuration = configuration
        self.onConnection = onConnection
        guard !loop.isStopping else {
            systemClose(fd)
            return
        }
        let poll = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
        let status = unsafe uv_poll_init(loop.uv, poll, fd)
        precondition(status == 0, "a socket can't be watched: \(NetworkError.name(ofUV: status))")
        unsafe self.poll = unsafe poll
        // Balanced in the callback of `uv_close`.
        unsafe poll.pointee.data = Unmanaged.passRetained(self as AnyObject).toOpaque()
        watch()
    }

    func close() {
        guard let poll = unsafe poll else { return }
        unsafe self.poll = nil
        pause?.cancel()
        unsafe uv_close(UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).release()
            unsafe UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_poll_t.self).deallocate()
        }
        systemClose(fd)
    }

    func loopStops() { close() }

    private func watch() {
        guard let poll = unsafe poll else { return }
        unsafe uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { handle, _, _ in
            let owner = unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
            // Not for ever: the loop has other things to do, and reports the socket again.
            unsafe unsafeDowncast(owner, to: Acceptor.self).accept(atMost: 256)
        }
    }

    /// Accepts all connections that wait. Their clients take them for established: closing the socket would reset them.
    func acceptLast() { accept(atMost: Int(configuration.backlog) + 1) }

    private func accept(atMost limit: Int) {
        for _ in 0..<limit where unsafe poll != nil {
            var address = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let socket = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe tandem_accept(
                    fd, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
            }
            guard socket < 0 else {
                handOut(socket, from: SocketAddress(address))
                continue
            }
            switch errno {
            case EAGAIN: return
            case ECONNABORTED, EINTR, EPROTO: continue
            default: return rest(because: errno)
            }
        }
    }

    /// Without descriptors or memory the socket stays readable, and asking again at once would only burn time: who wants to
    /// connect waits in the backlog for a moment.
    private func rest(because error: Int32) {
        guard let poll = unsafe poll else { return }
        unsafe uv_poll_stop(poll)
        configuration.onFault?(NetworkError.system(error, "accept a connection"))
        pause = loop.schedule(after: .milliseconds(100)) { [weak self] in self?.watch() }
    }

    private func handOut(_ socket: Int32, from address: SocketAddress) {
        let target = group.loops[turn]
        turn = (turn + 1) % group.loops.count
        let (tls, configuration, onConnection) = (tls, configuration, onConnection)
        let adopt: @Sendable () -> Void = {
            guard let tls else {
                let connection = Connection(fd: socket, loop: target, remoteAddress: address)
                if connection.isOpen { onConnection(connection) }
                return
            }
            do throws(TLSError) {
                let connection = Connection(
                    fd: socket, loop: target, remoteAddress: address, engine: try TLSEngine(context: tls))
                connection.startHandshake(timeout: configuration.handshakeTimeout) { error in
                    if let error { configuration.onFault?(error) } else { onConnection(connection) }
                }
            } catch {
                systemClose(socket)
                configuration.onFault?(error)
            }
        }
        if target.isCurrent { adopt() } else { target.execute(adopt) }
    }
}
