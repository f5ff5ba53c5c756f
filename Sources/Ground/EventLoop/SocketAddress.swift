import CLibuv

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A numeric IP address and a port.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// Such as `127.0.0.1` or `::1`; an IPv4 address that arrived over IPv6 is written as IPv4.
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// `127.0.0.1:80` or `[::1]:80`.
    package var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }

    init(_ storage: sockaddr_storage) {
        var storage = storage
        self = unsafe withUnsafePointer(to: &storage) { pointer in
            let raw = unsafe UnsafeRawPointer(pointer)
            var text = [CChar](repeating: 0, count: 64)
            if unsafe Int32(pointer.pointee.ss_family) == AF_INET6 {
                let address = unsafe raw.assumingMemoryBound(to: sockaddr_in6.self)
                unsafe uv_ip6_name(address, &text, text.count)
                return unsafe SocketAddress(text: text, port: UInt16(bigEndian: address.pointee.sin6_port))
            }
            let address = unsafe raw.assumingMemoryBound(to: sockaddr_in.self)
            unsafe uv_ip4_name(address, &text, text.count)
            return unsafe SocketAddress(text: text, port: UInt16(bigEndian: address.pointee.sin_port))
        }
    }

    private init(text: [CChar], port: UInt16) {
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let host = String(decoding: bytes, as: UTF8.self)
        self.host = host.hasPrefix("::ffff:") && host.contains(".") ? String(host.dropFirst(7)) : host
        self.port = port
    }
}

/// An address in the form that the system takes.
struct RawAddress {
    var storage = sockaddr_storage()
    var length: socklen_t

    var family: Int32 { Int32(storage.ss_family) }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe body(UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), length)
        }
    }

    /// The address that a socket is bound to.
    static func local(of fd: Int32) -> RawAddress {
        var address = RawAddress(length: socklen_t(MemoryLayout<sockaddr_storage>.size))
        _ = unsafe withUnsafeMutablePointer(to: &address.storage) { pointer in
            unsafe getsockname(
                fd, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &address.length)
        }
        return address
    }
}
