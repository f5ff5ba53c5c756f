package import Core
package import Crypto

/// Where a Redis (or Valkey) server is, how long it may take, and how much may wait for it.
package struct RedisConfiguration: Sendable {
    package var host: String
    package var port: Int
    /// For servers with access control lists; empty for the default user.
    package var user: String
    package var password: Secret
    package var database: Int
    /// Set for `rediss`: the server's certificate is verified to be valid for `host`.
    package var tls: TLSContext?

    /// For the name lookup, all addresses, and the TLS handshake.
    package var connectTimeout = Duration.seconds(2)
    /// The longest time a command waits for its answer: then the connection counts as dead.
    package var commandTimeout = Duration.seconds(3)
    /// How long the connection may be silent before a `PING` is sent. A connection that died without notice is detected
    /// within `heartbeat + commandTimeout` and a second. A connection that has lasted this long counts as good.
    package var heartbeat = Duration.seconds(5)
    /// The pauses between attempts to connect.
    package var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))
    /// How many commands may wait for their answers.
    package var waitingCommands = 10_000
    /// How many bytes may wait to be sent.
    package var waitingBytes = 16 * 1024 * 1024
    /// The longest reply that is accepted, in bytes.
    package var replyLimit = 16 * 1024 * 1024

    /// - Parameters:
    ///   - url: `redis://[[user]:password@]host[:port][/database]`; `rediss` for TLS. The port is 6379 unless given.
    ///   - authorities: whose certificates are accepted with `rediss`.
    /// - Throws: `RedisError` of kind `.configuration` that says which part is wrong and never repeats the password;
    ///   `TLSError` when the authorities can't be read.
    package init(url: String, authorities: TLSContext.Authorities = .system) throws {
        let parts = try RemoteServerAddress<RedisServerKind>(url)
        let path = parts.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else {
            throw RedisError(.configuration, "the Redis address ends in the database's number, such as /0")
        }
        host = parts.host
        port = parts.port
        user = parts.user ?? ""
        password = Secret(parts.password ?? "")
        self.database = database
        tls = parts.isEncrypted ? try TLSContext.client(authorities: authorities) : nil
    }

    /// The server's address for logs and messages, without user and password.
    package var address: String {
        "\(RedisServerKind.address(host: host, port: port, isEncrypted: tls != nil))/\(database)"
    }

    /// The first commands on a new connection: who connects and to which database. An error among the answers ends it.
    var greeting: [RedisCommand] {
        var commands: [RedisCommand] = []
        if !password.revealed.isEmpty {
            commands.append(
                user.isEmpty
                    ? RedisCommand("AUTH", .text(password.revealed))
                    : RedisCommand("AUTH", .text(user), .text(password.revealed)))
        }
        if database != 0 { commands.append(RedisCommand("SELECT", .integer(Int64(database)))) }
        // A server that is still loading its data answers this with an error.
        return commands + [RedisCommand("PING")]
    }
}
