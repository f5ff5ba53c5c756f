import FoundationEssentials

/// The address of a server that Tandem uses, read from a URL: `scheme://[user[:password]@]host[:port][/path]`.
package struct RemoteServerAddress<Server: RemoteServer>: Sendable {
    /// What is thrown for an invalid address.
    package typealias Failure = RemoteServerError<Server>

    /// An address of IPv6 without its brackets.
    package let host: String
    package let port: Int
    package let user: String?
    package let password: String?
    /// As it stands in the URL, with its first slash.
    package let encodedPath: String
    package let path: String
    package let isEncrypted: Bool

    /// - Throws: an error of kind `.configuration` that says which part is wrong and never repeats the password.
    package init(_ url: String) throws(Failure) {
        let parts = URLComponents(string: url)
        let scheme = parts?.scheme?.lowercased()
        guard let parts, scheme == Server.schemes.plain || scheme == Server.schemes.encrypted else {
            throw Failure(
                .configuration,
                "a \(Server.name) address looks like \(Server.example), with \(Server.schemes.encrypted):// for TLS")
        }
        guard let host = parts.host, !host.isEmpty else {
            throw Failure(.configuration, "the \(Server.name) address names no host")
        }
        guard parts.query == nil, parts.fragment == nil else {
            throw Failure(.configuration, "the \(Server.name) address takes no options after ? or #")
        }
        isEncrypted = scheme == Server.schemes.encrypted
        port = parts.port ?? (isEncrypted ? Server.ports.encrypted : Server.ports.plain)
        guard (1...65535).contains(port) else {
            throw Failure(.configuration, "\(port) in the \(Server.name) address is not a port (1 to 65535)")
        }
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        user = parts.user
        password = parts.password
        encodedPath = parts.percentEncodedPath
        path = parts.path
    }
}
