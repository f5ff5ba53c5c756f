import Core
import Scheduler
import Store
import Web

/// What other programs publish: with each signature once, and with each key once.
struct Publications: Sendable {
    /// How long a key is remembered.
    static let lifetime: Duration = .seconds(24 * 3600)
    /// How much longer rows stay than they count. The clocks of processes may differ by this much in all: one that is ahead must
    /// not delete what another one still has to know.
    private static let clockMargin: Duration = .seconds(3600)
    /// How many expired rows of a kind are deleted at once: now and then, but twice as many as are added.
    private static let tidyingBatch = 256

    private enum Outcome {
        case appended([AppendedEvent])
        case repeated([Int64?])
    }

    let database: any Database
    let time: TimeSource

    /// Appends all events or none, and uses up signature and key if it does. What was appended under the same key is not appended
    /// again.
    ///
    /// - Parameters:
    ///   - signature: and until when it would be accepted, in milliseconds since 1970; `nil` if there is none to be used up.
    ///   - mayBeRepeated: whether what was appended under the key before counts; otherwise it is forgotten.
    ///   - lifetime: for how long the key counts.
    /// - Returns: the events' numbers, each `nil` while the database can't number the event.
    /// - Throws: `HTTPError` 401 for a signature that was used before; `SchedulerError.idempotencyKeyReused`; `StoreError`.
    func append(
        _ drafts: [EventDraft], signature: PublishSignature.Used?, command: Command?, mayBeRepeated: Bool = true,
        remembering lifetime: Duration = lifetime
    ) async throws -> [Int64?] {
        let now = time.milliseconds
        do {
            let outcome = try await database.transaction(
                locking: command.map { [.exclusive("publication", $0.key)] } ?? []
            ) { transaction -> Outcome in
                if mayBeRepeated, let command, let numbers = try await Self.numbers(of: command, now: now, transaction)
                {
                    return .repeated(numbers)
                }
                if Int.random(in: 0..<Self.tidyingBatch / 2) == 0 { try await Self.tidy(now: now, transaction) }
                if let signature {
                    try await transaction.enqueue(
                        "INSERT INTO used_signatures (signature, expires_at) VALUES ($1, $2)",
                        [.text(signature.text), .integer(signature.expiry)])
                }
                let position = command == nil ? 0 : try await transaction.lastEventNumber()
                var events: [AppendedEvent] = []
                for draft in drafts { events.append(try await transaction.append(draft)) }
                if let command {
                    try await Self.remember(
                        events, after: position, as: command, until: now + lifetime.milliseconds, transaction)
                }
                return .appended(events)
            }
            switch outcome {
            case .appended(let events): return events.map(\.number)
            case .repeated(let numbers): return numbers
            }
        } catch let error as StoreError where error.kind == .uniqueViolation {
            throw PublishSignature.refusal
        }
    }

    /// The numbers of what was appended under the key of `command`; `nil` if nothing was.
    private static func numbers(of command: Command, now: Int64, _ transaction: any Transaction) async throws
        -> [Int64?]?
    {
        let rows = try await transaction.query(
            "SELECT fingerprint, log_position, tags FROM publications WHERE idempotency_key = $1 AND expires_at > $2",
            [.text(command.key), .integer(now)])
        guard let row = rows.first else { return nil }
        guard try row["fingerprint", as: String.self] == command.fingerprint else {
            throw SchedulerError.idempotencyKeyReused
        }
        let tags = try row["tags", as: String.self].split(separator: " ").compactMap { Int64($0) }
        return try await transaction.numbers(of: tags, after: try row["log_position"])
    }

    private static func remember(
        _ events: [AppendedEvent], after position: Int64, as command: Command, until expiry: Int64,
        _ transaction: any Transaction
    ) async throws {
        try await transaction.enqueue(
            """
            INSERT INTO publications (idempotency_key, fingerprint, log_position, tags, expires_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (idempotency_key) DO UPDATE SET fingerprint = excluded.fingerprint,
                log_position = excluded.log_position, tags = excluded.tags, expires_at = excluded.expires_at
            """,
            [
                .text(command.key), .text(command.fingerprint), .integer(position),
                .text(events.map { String($0.tag) }.joined(separator: " ")), .integer(expiry),
            ])
    }

    private static func tidy(now: Int64, _ transaction: any Transaction) async throws {
        for (table, key) in [("used_signatures", "signature"), ("publications", "idempotency_key")] {
            try await transaction.enqueue(
                """
                DELETE FROM \(table) WHERE \(key) IN (
                    SELECT \(key) FROM \(table) WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
                """, [.integer(now - clockMargin.milliseconds), .integer(Int64(tidyingBatch))])
        }
    }
}
