import Wire

/// Refuses requests for hosts that this server isn't known by, with 421 `bad_host` (RFC 9110, section 15.5.20).
///
/// Whoever owns a name can have it point at this machine, and a browser then takes the server for part of their site (DNS
/// rebinding). Addresses, names without a dot, and names below `localhost`, `local`, `internal` and `test` can't be had that
/// way.
package struct HostCheck: Sendable {
    private static let localDomains: Set<Substring> = ["localhost", "local", "internal", "test"]

    private let names: [String]

    /// - Parameter names: the names in the public DNS that it's known by, without ports.
    package init(names: [String] = []) { self.names = names.map { $0.lowercased() } }

    package var middleware: Middleware {
        .checking { request in
            // As almost all are.
            guard names.contains(request.host) || accepts(request.host.lowercased()) else {
                throw HTTPError(
                    421, "bad_host",
                    "This server isn't known by this name. Use the one of its public address, or `localhost` on its machine."
                )
            }
        }
    }

    private func accepts(_ authority: String) -> Bool {
        // An address of IPv6.
        if authority.hasPrefix("[") { return true }
        let host = authority.prefix { $0 != ":" }
        if names.contains(String(host)) || IPNetwork.isAddress(String(host)) { return true }
        let labels = host.split(separator: ".")
        return labels.count < 2 || labels.last.map(Self.localDomains.contains) == true
    }
}
