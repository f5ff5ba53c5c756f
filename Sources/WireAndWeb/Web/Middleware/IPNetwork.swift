#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A range of IP addresses, such as `10.0.0.0/8`, `fd00::/8` or `127.0.0.1`.
package struct IPNetwork: Sendable, Equatable {
    private let address: [UInt8]
    private let length: Int

    /// Nil when the text names no network.
    package init?(_ text: String) {
        let sides = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let parsed = Self.bytes(String(sides[0])) else { return nil }
        address = parsed.bytes
        guard sides.count == 2 else {
            length = 128
            return
        }
        let offset = parsed.isMapped ? 96 : 0
        guard let bits = Int(sides[1]), (0...128 - offset).contains(bits) else { return nil }
        length = bits + offset
    }

    /// Whether `text` is an address of this network.
    package func contains(_ text: String) -> Bool {
        guard let bytes = Self.bytes(text)?.bytes else { return false }
        let whole = length / 8
        guard bytes[..<whole] == address[..<whole] else { return false }
        let rest = length % 8
        return rest == 0 || (bytes[whole] ^ address[whole]) >> (8 - rest) == 0
    }

    /// Whether `text` is an IP address at all.
    package static func isAddress(_ text: String) -> Bool { bytes(text) != nil }

    /// What the requests of the client at this address are counted under: an IPv4 address itself, of an IPv6 address the first 64
    /// bits, since whoever has one address of such a network has them all (RFC 4291, section 2.5.4). Whatever is no address counts
    /// as one client.
    package static func client(at text: String) -> String {
        guard let (bytes, isMapped) = Self.bytes(text) else { return "unknown" }
        if isMapped { return bytes[12...].map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return groups.map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }

    /// Sixteen bytes; an IPv4 address in its mapped form (RFC 4291, section 2.5.5.2), so that both forms are the same.
    private static func bytes(_ text: String) -> (bytes: [UInt8], isMapped: Bool)? {
        var four = [UInt8](repeating: 0, count: 4)
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            return ([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + four, true)
        }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard unsafe inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        return (sixteen, sixteen[..<10].allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF)
    }
}
