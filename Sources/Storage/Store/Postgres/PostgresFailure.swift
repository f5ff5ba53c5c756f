import CPostgres

/// What a server or a connection answered instead of a result, and what may help.
struct PostgresFailure: Error, Sendable {
    enum Remedy: Sendable {
        case none
        /// The server undid the transaction in favour of another one: run it again.
        case rerun
        /// The connection knows statements in a form that's no longer right: prepare them anew and run it again.
        case prepareAnew
        /// The connection is lost. What had not been committed is undone, and may be run again on another one.
        case reconnect
    }

    let error: StoreError
    let remedy: Remedy
    /// The connection has ended with it.
    var isFatal: Bool
    /// The server ended the statement because it was asked to, or because it took too long.
    var isCancellation = false
    /// The connection was not closed: the server has stopped answering.
    var isSilence = false

    init(_ kind: StoreError.Kind, _ message: String, cause: String? = nil, remedy: Remedy = .none) {
        error = StoreError(kind, message, cause: cause)
        self.remedy = remedy
        isFatal = remedy == .reconnect
    }

    static func lost(_ cause: String) -> PostgresFailure {
        PostgresFailure(
            .unavailable, "The database can't be reached; check that its server runs.", cause: cause, remedy: .reconnect
        )
    }

    static func silent(_ cause: String) -> PostgresFailure {
        var failure = lost(cause)
        failure.isSilence = true
        return failure
    }

    /// From an error's fields: https://www.postgresql.org/docs/15/errcodes-appendix.html
    ///
    /// - Parameter state: five characters, or nil when the error didn't come from the server.
    static func reported(state: String?, message: String) -> PostgresFailure {
        guard let state else { return lost(message) }
        let cause = "PostgreSQL \(state): \(message)"
        func failure(
            _ kind: StoreError.Kind, _ message: String, _ remedy: Remedy = .none
        ) -> PostgresFailure {
            PostgresFailure(kind, message, cause: cause, remedy: remedy)
        }
        switch state {
        case "23505": return failure(.uniqueViolation, "There is already a row with this key.")
        case "23503":
            return failure(.foreignKeyViolation, "The row refers to one that does not exist, or is still referred to.")
        case "40001", "40P01":
            return failure(.busy, "Another transaction came in between too often; try again in a moment.", .rerun)
        case "55P03": return failure(.busy, "Others hold the database for too long; try again in a moment.")
        case "57014":
            var failure = failure(.busy, "The database took too long; try again in a moment.")
            failure.isCancellation = true
            return failure
        case "25P02":
            return failure(.transactionEnded, "A statement of this transaction has failed; it can only be rolled back.")
        case "25P03":
            // Undone before the statement or commit was looked at, and worth another try should this process have been slow.
            return failure(
                .transactionEnded, "The transaction was open for too long without doing anything.", .reconnect)
        case "25006":
            return failure(.unavailable, "This server, or this reading connection, takes no changes.")
        case "26000": return failure(.other, "The database failed.", .prepareAnew)
        case "0A000" where message.contains("cached plan"): return failure(.other, "The database failed.", .prepareAnew)
        // The server's answer to too few or too many values.
        case "08P01": return failure(.invalidStatement, "The statement is wrong.")
        case "42501": return failure(.unavailable, "The database's user may not do this; grant it the tables.")
        case "53100": return failure(.diskFull, "The server's disk is full; free some space where the database lies.")
        case "53300":
            return PostgresFailure(
                .unavailable, "The server takes no more connections; raise max_connections, or lower our limits.",
                cause: cause, remedy: .reconnect)
        default: break
        }
        switch state.prefix(2) {
        case "22", "23", "44": return failure(.constraintViolation, "The row breaks a rule of its table.")
        case "0A", "25", "42": return failure(.invalidStatement, "The statement is wrong.")
        case "28", "3D":
            return failure(.unavailable, "The server refuses us; check the database's name, user and password.")
        case "08", "57": return lost(cause)
        case "53", "54", "58": return failure(.unavailable, "The server lacks something to do this; see its log.")
        case "XX": return failure(.corrupt, "The database is damaged; see the server's log.")
        default: return failure(.other, "The database failed.")
        }
    }

    /// - Parameter farewell: what the server gave as its reason to hang up before it had this statement, if it did.
    init(_ result: OpaquePointer, farewell: String? = nil) {
        let state = unsafe PQresultErrorField(result, tandem_diag_sqlstate).map { unsafe String(cString: $0) }
        let message = unsafe PQresultErrorField(result, tandem_diag_message).map { unsafe String(cString: $0) }
        self = .reported(
            state: state ?? farewell, message: unsafe message ?? Self.trimmed(PQresultErrorMessage(result)))
        if state == nil, farewell != nil { isFatal = true }
    }

    /// From the message of a connection that couldn't be opened, or has ended: it names host, user and reason.
    ///
    /// - Parameter state: what the server gave as the reason, if it did.
    init(connection: OpaquePointer, state: String? = nil) {
        self = .reported(state: state, message: unsafe Self.trimmed(PQerrorMessage(connection)))
        isFatal = true
    }

    private static func trimmed(_ text: UnsafePointer<CChar>?) -> String {
        guard let text = unsafe text else { return "no reason given" }
        let words = unsafe String(cString: text).split(whereSeparator: \.isWhitespace)
        return words.isEmpty ? "no reason given" : words.joined(separator: " ")
    }
}
