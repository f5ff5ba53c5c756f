import CLibuv

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Turns names into addresses, on libuv's helper threads.
package enum Resolver {
    /// The numeric addresses of `host`, in the order in which to try them, for libraries that would block to find out.
    /// To be called on the loop; `done` is called exactly once, at once when the loop stops.
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

    /// The same on the loop itself; `done` is called exactly once, at once when there is nothing to ask.
    static func start(
        host: String, port: Int, passive: Bool = false, on loop: EventLoop,
        done: @escaping (Result<[RawAddress], NetworkError>) -> Void
    ) {
        guard (0...65535).contains(port) else {
            return done(.failure(NetworkError(code: "invalid_port", message: "\(port) is not a port (0 to 65535)")))
        }
        guard !loop.isStopping else {
            return done(.failure(.system(ECANCELED, "look up \(host)")))
        }
        let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
        let pending = Pending(host: host, done: done)
        unsafe request.pointee.data = Unmanaged.passRetained(pending).toOpaque()
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = tandem_stream_socket
        unsafe hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0)
        let status = unsafe uv_getaddrinfo(
            loop.uv, request, { unsafe Pending.finished($0!, $1, $2) }, host, String(port),
            &hints)
        if status != 0 { unsafe Pending.finished(request, status, nil) }
    }

    private final class Pending {
        let host: String
        let done: (Result<[RawAddress], NetworkError>) -> Void

        init(host: String, done: @escaping (Result<[RawAddress], NetworkError>) -> Void) {
            self.host = host
            self.done = done
        }

        static func finished(
            _ request: UnsafeMutablePointer<uv_getaddrinfo_t>, _ status: Int32, _ list: UnsafeMutablePointer<addrinfo>?
        ) {
            let pending = unsafe Unmanaged<Pending>.fromOpaque(request.pointee.data).takeRetainedValue()
            unsafe request.deallocate()
            defer { unsafe uv_freeaddrinfo(list) }
            guard status == 0 else {
                let reason = NetworkError.name(ofUV: status)
                return pending.done(
                    .failure(
                        NetworkError(code: "host_not_found", message: "“\(pending.host)” has no address: \(reason)")))
            }
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
            pending.done(.success(addresses))
        }
    }
}
