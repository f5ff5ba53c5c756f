import CSQLite

/// Turns SQLite's result codes (https://www.sqlite.org/rescode.html) into errors that callers can act on.
enum SQLiteFailure {
    // Extended codes, which SQLite builds by macros that Swift can't import.
    static let foreignKey = SQLITE_CONSTRAINT | (3 << 8)
    private static let primaryKey = SQLITE_CONSTRAINT | (6 << 8)
    private static let unique = SQLITE_CONSTRAINT | (8 << 8)
    private static let rowID = SQLITE_CONSTRAINT | (10 << 8)

    /// - Parameter code: an extended result code.
    static func error(code: Int32, cause: String) -> any Error {
        let cause = "SQLite \(code): \(cause)"
        let (kind, message): (StoreError.Kind, String)
        switch code {
        case unique, primaryKey, rowID:
            (kind, message) = (.uniqueViolation, "There is already a row with this key.")
        case foreignKey:
            (kind, message) = (
                .foreignKeyViolation, "The row refers to one that does not exist, or is still referred to."
            )
        default:
            switch code & 0xFF {
            case SQLITE_INTERRUPT: return CancellationError()
            case SQLITE_CONSTRAINT, SQLITE_MISMATCH:
                (kind, message) = (.constraintViolation, "The row breaks a rule of its table.")
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
                (kind, message) = (.busy, "Another process holds the database file locked; end it, or try again.")
            case SQLITE_FULL:
                (kind, message) = (.diskFull, "The disk is full; free some space where the database lies.")
            case SQLITE_CORRUPT, SQLITE_NOTADB:
                (kind, message) = (.corrupt, "The database file is damaged or is none; restore it from a backup.")
            case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH, SQLITE_IOERR:
                (kind, message) = (
                    .unavailable, "The database file can't be read or written; check its folder and permissions."
                )
            case SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_TOOBIG:
                (kind, message) = (.invalidStatement, "The statement is wrong.")
            default:
                (kind, message) = (.other, "The database failed.")
            }
        }
        return StoreError(kind, message, cause: cause)
    }
}
