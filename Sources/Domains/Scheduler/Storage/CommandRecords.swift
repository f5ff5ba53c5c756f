import Core
import FoundationEssentials
import Guilds
import Store

/// The results of commands, kept for a day, so that a command that is sent again gets the same result and changes nothing.
struct CommandRecords {
    /// How long results are kept.
    static let lifetime: Duration = .seconds(24 * 3600)
    /// How much is kept of one user, in characters, with what a row takes besides; the oldest goes first. Enough for all that a
    /// client may still have to repeat: some 600 sign-ups, or 20 edits of the largest games.
    private static let budget = 256 * 1024
    private static let perRow = 300
    /// One of so many results that are kept is followed by a look whether there are too many.
    private static let tidyingInterval = 16

    let transaction: any Transaction
    let user: UserID
    let now: Int64

    /// Held while a command is carried out, so that the same one, sent twice at once, is carried out once.
    static func locks(for command: Command?, by user: UserID) -> [Lock] {
        command.map { [.exclusive("command", "\(user) \($0.key)")] } ?? []
    }

    /// The result of `command` if it has been carried out before.
    ///
    /// - Throws: `SchedulerError.idempotencyKeyReused` when the key was used for another request.
    static func result<Result: Decodable & Sendable>(
        of command: Command?, by user: UserID, as type: Result.Type, now: Int64
    ) -> Lookup<Result?> {
        guard let command else { return Lookup([]) { _ in nil } }
        let statement = Statement(
            """
            SELECT fingerprint, result FROM commands WHERE user_id = $1 AND command_key = $2 AND created_at > $3
            """, [.integer(user.number), .text(command.key), .integer(now - lifetime.milliseconds)])
        return Lookup([statement]) { results in
            guard let row = results[0].first else { return nil }
            guard try row["fingerprint", as: String.self] == command.fingerprint else {
                throw SchedulerError.idempotencyKeyReused
            }
            return try JSONDecoder().decode(Result.self, from: Data(try row["result", as: String.self].utf8))
        }
    }

    func result<Result: Decodable & Sendable>(of command: Command?, as type: Result.Type) async throws -> Result? {
        try await transaction.look(up: Self.result(of: command, by: user, as: type, now: now))
    }

    /// Keeps the result of `command`.
    func remember(_ result: some Encodable, of command: Command?) async throws {
        guard let command else { return }
        let text = String(decoding: try JSONEncoder().encode(result), as: UTF8.self)
        try await transaction.enqueue(
            """
            INSERT INTO commands (user_id, command_key, fingerprint, result, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id, command_key) DO UPDATE SET fingerprint = excluded.fingerprint,
                result = excluded.result, created_at = excluded.created_at
            """,
            [
                .integer(user.number), .text(command.key), .text(command.fingerprint), .text(text), .integer(now),
            ])
        if Int.random(in: 0..<Self.tidyingInterval) == 0 { try await keepToBudget() }
    }

    private func keepToBudget() async throws {
        try await transaction.enqueue(
            """
            DELETE FROM commands WHERE user_id = $1 AND command_key IN (
                SELECT command_key FROM (
                    SELECT command_key, SUM(LENGTH(result) + $2) OVER (ORDER BY created_at DESC, command_key) AS total
                    FROM commands WHERE user_id = $1
                ) AS kept WHERE total > $3)
            """, [.integer(user.number), .integer(Int64(Self.perRow)), .integer(Int64(Self.budget))])
    }

    /// How much longer they stay than they count, for processes whose clocks are behind.
    private static let clockMargin: Duration = .seconds(3600)

    /// Deletes the results that have expired at `now`.
    static func removeExpired(at now: Int64, in transaction: any Transaction) async throws {
        try await transaction.execute(
            "DELETE FROM commands WHERE created_at <= $1",
            [.integer(now - (lifetime + clockMargin).milliseconds)])
    }
}
