import Core

/// What went wrong in the database, distinguished as far as a caller can act on it.
package struct StoreError: CodedError {
    /// What callers can tell apart; the raw value is the error's code.
    package enum Kind: String, Sendable, CaseIterable {
        /// A row with this key is there already.
        case uniqueViolation = "unique_violation"
        /// The row refers to one that isn't there, or is referred to.
        case foreignKeyViolation = "foreign_key_violation"
        /// A NOT NULL or CHECK constraint refused the row.
        case constraintViolation = "constraint_violation"
        /// Another program holds the database, or too many requests wait for it; trying again later may succeed.
        case busy = "database_busy"
        /// The database can't be reached or opened, or has been closed.
        case unavailable = "database_unavailable"
        case diskFull = "disk_full"
        case corrupt = "database_corrupt"
        /// A transaction was opened inside another one.
        case nestedTransaction = "nested_transaction"
        /// A transaction was used after its end, or after one of its statements had failed.
        case transactionEnded = "transaction_ended"
        /// The statement is wrong: its syntax, its names or the number of its values.
        case invalidStatement = "invalid_statement"
        /// A row doesn't have the shape that the reader expects.
        case decoding = "unexpected_row"
        /// The database was written by a newer version of the program.
        case newerSchema = "database_from_the_future"
        /// A migration that has been applied is not the one that the program carries.
        case migrationMismatch = "migration_mismatch"
        case other = "database_error"
    }

    package let kind: Kind
    package let message: String
    /// The database's own message, for the log: it may name tables and columns, never values.
    package let cause: String?

    package init(_ kind: Kind, _ message: String, cause: String? = nil) {
        self.kind = kind
        self.message = message
        self.cause = cause
    }

    /// For those who find too many others waiting, or have waited for too long.
    static var crowded: StoreError {
        StoreError(.busy, "Too many requests wait for the database; try again in a moment.")
    }

    package var code: String { kind.rawValue }

    package var isTemporary: Bool {
        switch kind {
        case .busy, .unavailable, .diskFull: true
        default: false
        }
    }

    package var description: String {
        cause.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)"
    }
}
