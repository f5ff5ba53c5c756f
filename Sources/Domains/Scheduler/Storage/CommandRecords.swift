import FoundationEssentials
import Guilds
import Store

/// What commands came to, remembered for a day, so that a command that is sent again gets the same answer and does
/// nothing.
struct CommandRecords {
    static let memory: Int64 = 24 * 3_600_000

    let transaction: any Transaction
    let user: UserID
    let now: Int64

    /// What `command` came to when it was carried out before.
    ///
    /// - Throws: `SchedulerError.idempotencyKeyReused` when the key was used for another request.
    static func result<Result: Decodable>(
        of command: Command?, by user: UserID, as type: Result.Type, now: Int64, _ reading: any Reading
    ) async throws -> Result? {
        guard let command else { return nil }
        let rows = try await reading.query(
            """
            SELECT fingerprint, result FROM commands WHERE user_id = $1 AND command_key = $2 AND created_at > $3
            """, [.integer(user.number), .text(command.key), .integer(now - memory)])
        guard let row = rows.first else { return nil }
        guard try row["fingerprint", as: String.self] == command.fingerprint else {
            throw SchedulerError.idempotencyKeyReused
        }
        return try JSONDecoder().decode(type, from: Data(try row["result", as: String.self].utf8))
    }

    func result<Result: Decodable>(of command: Command?, as type: Result.Type) async throws -> Result? {
        try await Self.result(of: command, by: user, as: type, now: now, transaction)
    }

    func remember(_ result: some Encodable, of command: Command?) async throws {
        guard let command else { return }
        let text = String(decoding: try JSONEncoder().encode(result), as: UTF8.self)
        try await transaction.execute(
            """
            INSERT INTO commands (user_id, command_key, fingerprint, result, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id, command_key) DO UPDATE SET fingerprint = excluded.fingerprint,
                result = excluded.result, created_at = excluded.created_at
            """,
            [
                .integer(user.number), .text(command.key), .text(command.fingerprint), .text(text), .integer(now),
            ])
    }

    static func forget(before time: Int64, in transaction: any Transaction) async throws {
        try await transaction.execute("DELETE FROM commands WHERE created_at <= $1", [.integer(time)])
    }
}
