import Wire

/// The reverse proxies whose `X-Forwarded-*` fields are believed. From any other host they are ignored.
package struct TrustedProxies: Sendable {
    private let networks: [IPNetwork]

    package init(_ networks: [IPNetwork] = []) { self.networks = networks }

    /// Gives `request` the client's address, scheme and host as the nearest trusted proxies report them.
    ///
    /// Of `X-Forwarded-For` the last address counts that isn't a trusted proxy itself: whatever stands before it was written
    /// by a host that isn't trusted.
    package func apply(to request: inout Request) {
        guard isTrusted(request.remoteAddress) else { return }
        request.remoteAddress = client(of: request.remoteAddress, request.headers)
        if let scheme = request.headers.elements("x-forwarded-proto").last?.lowercased(),
            scheme == "http" || scheme == "https"
        {
            request.scheme = scheme
        }
        if let host = request.headers.elements("x-forwarded-host").last, Self.isHost(host) {
            request.host = String(host)
        }
    }

    /// The client's address as the trusted proxies between it and `peer` report it; `peer` itself if that isn't one of them.
    func client(of peer: String, _ headers: Headers) -> String {
        guard isTrusted(peer) else { return peer }
        var address = peer
        for hop in headers.elements("x-forwarded-for").reversed() {
            guard IPNetwork.isAddress(String(hop)) else { break }
            address = String(hop)
            guard isTrusted(address) else { break }
        }
        return address
    }

    func isTrusted(_ address: String) -> Bool { networks.contains { $0.contains(address) } }

    private static func isHost(_ text: Substring) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }
}
