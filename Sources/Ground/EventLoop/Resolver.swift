import CLibuv

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Turns names into addresses. A lookup takes as long as the system's resolver takes, half a minute if no name server
/// answers, but blocks neither a loop nor its end.
package enum Resolver {
    /// Looks up the numeric addresses of `host`, in the order in which to try them, for libraries that would block to find out.
    /// To be called on the loop; `done` is called later, there, exactly once, at the latest when the loop stops.
    package static func addresses(
        of host: String, on loop: EventLoop, done: @escaping (Result<[String], NetworkError>) -> Void
    ) {
        loop.preconditionCurrent()
        start(host: host, port: 0, on: loop) { result in
            done(result.map { addresses in addresses.map { SocketAddress($0.storage).host } })
        }
    }

    /// The addresses of `host`, in the order in which to try them.
    static func resolve(
        host: String, port: Int, passive: Bool = false, on loop: EventLoop
    ) async throws -> [RawAddress] {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                start(host: host, port: port, passive: passive, on: loop) { continuation.resume(with: $0) }
            }
        }
    }

    /// The same on the loop itself; `done` is called exactly once, later.
    static func start(
        host: String, port: Int, passive: Bool = false, on loop: EventLoop,
        done: @escaping (Result<[RawAddress], NetworkError>) -> Void
    ) {
        guard (0...65535).contains(port) else {
            let error = NetworkError(code: "invalid_port", message: "\(port) is not a port (0 to 65535)")
            return loop.atEndOfTurn { done(.failure(error)) }
        }
        let flags = passive ? AI_PASSIVE : 0
        // What is an address already takes no time.
        if !loop.isStopping, case .success(let addresses) = lookUp(host, port, flags | AI_NUMERICHOST) {
            return loop.atEndOfTurn { done(.success(addresses)) }
        }
        BlockingCall.run(on: loop) {
            lookUp(host, port, flags | tandem_international_names)
        } done: { result in
            let cause = loop.isStopping ? ECANCELED : EAGAIN
            done(result ?? .failure(.system(cause, "look up \(host)")))
        }
    }

    /// Blocks, unless `flags` say that the host is an address.
    private static func lookUp(_ host: String, _ port: Int, _ flags: Int32) -> Result<[RawAddress], NetworkError> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = tandem_stream_socket
        unsafe hints.ai_flags = AI_NUMERICSERV | flags
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            let reason =
                unsafe status == EAI_SYSTEM ? String(cString: strerror(errno)) : String(cString: gai_strerror(status))
            return .failure(NetworkError(code: "host_not_found", message: "“\(host)” has no address: \(reason)"))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [RawAddress] = []
        var next = unsafe list
        while let info = unsafe next {
            var address = unsafe RawAddress(length: info.pointee.ai_addrlen)
            unsafe withUnsafeMutableBytes(of: &address.storage) { bytes in
                unsafe bytes.copyMemory(
                    from: UnsafeRawBufferPointer(
                        start: info.pointee.ai_addr, count: min(bytes.count, Int(info.pointee.ai_addrlen))))
            }
            addresses.append(address)
            unsafe next = info.pointee.ai_next
        }
        return .success(addresses)
    }
}
