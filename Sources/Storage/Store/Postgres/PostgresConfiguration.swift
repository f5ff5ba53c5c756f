package import Core

/// How a PostgreSQL database is reached and used.
package struct PostgresConfiguration: Sendable {
    /// `postgres://user:password@host:port/name?sslmode=verify-full&sslrootcert=…`, in any form that libpq takes:
    /// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
    package var url: Secret
    /// What the server shows as this program's name, unless the address says so.
    package var applicationName = "tandem"
    /// How many reads run beside each other, each on a connection of its own. Besides these and the writers, a process uses one
    /// connection for numbering events, and one for listening and leading.
    package var readers = 4
    /// How many transactions run beside each other, each on a connection of its own.
    package var writers = 8
    /// How long connecting may take, name lookup and TLS included.
    package var connectTimeout = Duration.seconds(5)
    /// How long a statement may run.
    package var statementTimeout = Duration.seconds(15)
    /// How long a transaction waits for those of other processes.
    package var lockTimeout = Duration.seconds(15)
    /// How long the server keeps a transaction open whose process does nothing: it holds up those who change the same thing.
    package var idleInTransactionTimeout = Duration.seconds(3)
    /// How long a process that leads may do nothing before another one takes its lead.
    package var leadTimeout = Duration.seconds(10)
    /// How long a transaction or read waits for a connection, before it's refused with `.busy`.
    package var waitTimeout = Duration.seconds(10)
    /// How many transactions, and as many reads, may wait; one more is refused with `.busy` at once.
    package var waitingLimit = 10_000
    /// How often a transaction is run again that the server undid in favour of another one.
    package var retryLimit = 8
    /// How many prepared statements each connection keeps, at least 8.
    package var statementLimit = 256
    /// A connection that has been unused for so long is closed.
    package var idleTimeout = Duration.seconds(300)
    /// Pauses between attempts to reach a server that's unavailable. Meanwhile callers are refused with `.unavailable`.
    package var backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))

    package init(url: Secret) { self.url = url }
}
