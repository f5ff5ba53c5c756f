/// Where an SQLite database is and how it is used.
package struct SQLiteConfiguration: Sendable {
    /// When a commit counts as done.
    package enum Synchronous: String, Sendable {
        /// When it's on the disk: it survives a loss of power.
        case full = "FULL"
        /// When the operating system has it: it survives a crash of the process. For tests and throw-away data.
        case normal = "NORMAL"
    }

    /// The database file; next to it lie `<path>-wal`, `<path>-shm` and `<path>.lock`.
    package var path: String
    package var synchronous = Synchronous.full
    /// How many reads run beside each other, each on its own thread.
    package var readers = 2
    /// How long a statement waits for another process to release the file.
    package var busyTimeout = Duration.seconds(5)
    /// How many prepared statements each connection keeps.
    package var statementLimit = 256
    /// How many transactions, and as many reads, may wait; one more is refused with `.busy`.
    package var waitingLimit = 10_000
    /// Whether the database belongs to this process alone. Events are announced within the process that appended
    /// them, so a second process must not write; others may still read the file with SQLite's own tools.
    package var isExclusive = true

    package init(path: String) { self.path = path }
}
