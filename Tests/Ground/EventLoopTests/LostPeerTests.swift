import CLibuv
import EventLoop
import Synchronization
import Testing
import TestSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the system is told about peers that vanish; `Tests/System/test_lost_peer.py` lets one vanish.
struct LostPeerTests {
    @Test func `both ends of a connection probe a silent peer and give up one that acknowledges nothing`() async throws
    {
        try await withGroup { group in
            let ports = Mutex<[Int]>([])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                ports.withLock { $0.append(Int(connection.remoteAddress.port)) }
                connection.handler = Echo()
            }
            let client = try await connect(to: listener.port, on: group.loops[0])
            try await eventually("the connection") { ports.withLock { $0.count == 1 } }
            let port = ports.withLock { $0[0] }
            for (local, remote) in [(listener.port, port), (port, listener.port)] {
                let fd = try #require(socket(from: local, to: remote))
                #expect(tandem_option(fd, Int32(IPPROTO_TCP), TCP_NODELAY) != 0)
                #expect(tandem_option(fd, SOL_SOCKET, SO_KEEPALIVE) != 0)
                #expect(tandem_option(fd, Int32(IPPROTO_TCP), tandem_keepalive_idle) == 15)
                #expect(tandem_option(fd, Int32(IPPROTO_TCP), TCP_KEEPINTVL) == 5)
                #expect(tandem_option(fd, Int32(IPPROTO_TCP), tandem_lost_after) == 20 * tandem_lost_after_units)
            }
            try await client.withValue { $0.connection.abort() }
        }
    }

    /// This process's socket between two ports of the loopback interface.
    private func socket(from local: Int, to remote: Int) -> Int32? {
        (0..<Int32(1024)).first { fd in
            unsafe port { unsafe getsockname(fd, $0, $1) } == local
                && port { unsafe getpeername(fd, $0, $1) } == remote
        }
    }

    private func port(_ read: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe read(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
        }
        guard status == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
