package import Core

/// The address of a RabbitMQ server, and the timeouts and limits of connections to it.
package struct RabbitConfiguration: Sendable {
    package var host: String
    package var port: Int
    package var user: String
    package var password: Secret
    package var virtualHost: String
    /// Set for `amqps`: a file (PEM) with the authorities whose certificates are accepted; the certificate must be valid for
    /// `host`.
    package var authorities: String?

    /// For connecting and signing in, each.
    package var connectTimeout = Duration.seconds(2)
    /// The longest time the server takes to confirm a message or to answer a declaration; then the connection counts as dead.
    package var confirmTimeout = Duration.seconds(5)
    /// How often both sides send a heartbeat, in whole seconds. A connection that died silently is noticed within two of
    /// these.
    package var heartbeat = Duration.seconds(5)
    package var backoff = Backoff(base: .milliseconds(100), limit: .seconds(5))
    /// How many calls of `publish` may wait for their confirmation.
    package var waitingBatches = 1000
    /// The longest message that is accepted, in bytes; longer ones are passed over.
    package var messageLimit = 16 * 1024 * 1024

    /// Where Debian and its derivatives keep the certificate authorities that the system trusts.
    package static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// - Parameters:
    ///   - url: `amqp://[user[:password]@]host[:port][/virtual-host]`; `amqps` for TLS. The user is `guest` unless given, the
    ///     port 5672 (5671 for TLS), the virtual host `/`.
    ///   - authorities: used with `amqps`.
    /// - Throws: `RabbitError` of kind `.configuration` that says which part is wrong and never repeats the password.
    package init(url: String, authorities: String = systemAuthorities) throws(RabbitError) {
        let parts = try RemoteServerAddress<RabbitServerKind>(url)
        guard !parts.encodedPath.dropFirst().contains("/") else {
            throw RabbitError(
                .configuration, "a / within the virtual host's name is written %2F in the RabbitMQ address")
        }
        host = parts.host
        port = parts.port
        user = parts.user ?? "guest"
        password = Secret(parts.password ?? (parts.user == nil ? "guest" : ""))
        let path = parts.path.dropFirst()
        virtualHost = path.isEmpty ? "/" : String(path)
        self.authorities = parts.isEncrypted ? authorities : nil
    }

    /// For the log and for messages: without user and password.
    package var address: String {
        "\(RabbitServerKind.address(host: host, port: port, isEncrypted: authorities != nil)) (\(virtualHost))"
    }
}
