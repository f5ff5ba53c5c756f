import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The ports that this process has handed out: a server that was started may not listen yet.
private let taken = Mutex<Set<Int>>([])

/// Returns a port of 127.0.0.1 that nothing listens on, below those that outgoing connections of other tests use, and never
/// the same one twice.
///
/// - Throws: `TestServerError` if there is none.
package func freePort() throws -> Int {
    for port in (10_000..<18_000).shuffled() where taken.withLock({ $0.insert(port).inserted }) {
        if canListen(on: port) { return port }
    }
    throw TestServerError("no free port")
}

private func canListen(on port: Int) -> Bool {
    let descriptor = openSocket()
    defer { close(descriptor) }
    return unsafe withLoopbackAddress(port) { unsafe bind(descriptor, $0, $1) } == 0
}

/// Opens a TCP socket that programs started meanwhile don't inherit: they would keep its port.
private func openSocket() -> Int32 {
    #if canImport(Glibc)
        return socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    #endif
}

/// Calls `body` with the address of a port of 127.0.0.1.
private func withLoopbackAddress<Result>(
    _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return unsafe withUnsafeBytes(of: &address) { bytes in
        unsafe body(
            bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<sockaddr_in>.size))
    }
}

/// Whether somebody accepts connections on this port of 127.0.0.1.
package func isListening(on port: Int) -> Bool {
    let descriptor = openSocket()
    defer { close(descriptor) }
    return unsafe withLoopbackAddress(port) { unsafe connect(descriptor, $0, $1) } == 0
}
