import Wire

/// Refuses requests whose `Host` is a name in the public DNS, for a server that nobody knows by such a name.
///
/// Whoever owns a name can have it point at this machine, and a browser then takes the server for part of their site (DNS
/// rebinding). Addresses, names without a dot, and names below `localhost`, `local`, `internal` and `test` can't be had that
/// way.
package struct HostCheck: Sendable {
    private static let localDomains: Set<Substring> = ["localhost", "local", "internal", "test"]

    private let names: Set<String>

    /// - Parameter names: further hosts, without ports.
    package init(names: [String] = []) { self.names = Set(names.map { $0.lowercased() }) }

    package var middleware: Middleware {
        .checking { request in
            guard accepts(request.host.lowercased()) else {
                throw HTTPError(
                    403, "bad_host", "This server doesn't answer to this name. Use its address or `localhost` instead.")
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
