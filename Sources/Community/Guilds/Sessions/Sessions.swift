package import Core
import Crypto
import FoundationEssentials
package import Store

/// Who is signed in.
///
/// A session lasts seven days from its last use and thirty in all. The database holds the digest of its token, and
/// Discord's tokens only sealed: a copy of the database signs nobody in.
package struct Sessions: Sendable {
    static let idle: Int64 = 7 * 86_400_000
    static let limit: Int64 = 30 * 86_400_000
    /// A use is written down when the last one that was is older than this.
    static let resolution: Int64 = 3_600_000

    let database: any Database
    let clock: WallClock
    private let seal: TokenSeal
    private let cache: AccessCache?

    /// - Parameter cache: remembers for requests who is signed in; without it the database is asked each time.
    package init(
        database: any Database, keyring: Keyring, cache: AccessCache? = nil, clock: WallClock = .system
    ) {
        self.database = database
        self.cache = cache
        self.clock = clock
        self.seal = TokenSeal(key: keyring.key(for: "discord tokens"))
    }

    package func start(for user: UserID, tokens: DiscordTokens?) async throws -> StartedSession {
        let now = clock.milliseconds
        let token = Base64.encode(SecureRandom.bytes(32), as: .url)
        let session = Session(
            id: Hex.encode(SecureRandom.bytes(16)), userID: user, expiresAt: now + Self.idle, endsAt: now + Self.limit)
        let sealed = try tokens.map { try seal.seal($0, session: session.id) }
        try await database.transaction { transaction in
            // The dead are buried here, so that the table stays as small as the number of people who sign in.
            try await transaction.execute("DELETE FROM sessions WHERE expires_at <= $1", [.integer(now)])
            try await transaction.execute("DELETE FROM used_sign_ins WHERE expires_at <= $1", [.integer(now)])
            try await transaction.execute(
                """
                INSERT INTO sessions (id, token_hash, user_id, created_at, seen_at, expires_at, ends_at, discord_tokens)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    .text(session.id), .text(Self.digest(token)), .integer(user.number), .integer(now), .integer(now),
                    .integer(session.expiresAt), .integer(session.endsAt), Value(sealed),
                ])
        }
        return StartedSession(session: session, token: Secret(token))
    }

    /// The session that `token` opens, unless it has ended; being asked for, it lasts on. Where answers are shared, one
    /// that ended elsewhere may be found for another second.
    package func find(token: String) async throws -> Session? {
        guard token.utf8.count == 43, Base64.decode(token, as: .url) != nil else { return nil }
        let digest = Self.digest(token)
        guard let cache else { return try await find("token_hash = $1", .text(digest)) }
        return try await cache.value(for: .session(digest: digest)) {
            try await find("token_hash = $1", .text(digest)).map {
                AccessCache.Loaded(value: $0, user: $0.userID, until: $0.expiresAt)
            }
        }
    }

    /// The session if it has not ended, as the database says now; being asked for, it lasts on.
    package func find(id: String) async throws -> Session? { try await find("id = $1", .text(id)) }

    private func find(_ condition: String, _ value: Value) async throws -> Session? {
        let now = clock.milliseconds
        let rows = try await database.read { reading in
            try await reading.query(
                "SELECT id, user_id, seen_at, expires_at, ends_at FROM sessions WHERE \(condition)", [value])
        }
        guard let row = rows.first, try row["expires_at", as: Int64.self] > now else { return nil }
        let session = Session(
            id: try row["id", as: String.self], userID: UserID(try row["user_id", as: Int64.self]),
            expiresAt: try row["expires_at", as: Int64.self], endsAt: try row["ends_at", as: Int64.self])
        guard try now - row["seen_at", as: Int64.self] > Self.resolution else { return session }
        let expiry = min(now + Self.idle, session.endsAt)
        let isThere = try await database.transaction { transaction in
            try await transaction.execute(
                "UPDATE sessions SET seen_at = $1, expires_at = $2 WHERE id = $3",
                [.integer(now), .integer(expiry), .text(session.id)]) > 0
        }
        guard isThere else { return nil }
        return Session(id: session.id, userID: session.userID, expiresAt: expiry, endsAt: session.endsAt)
    }

    /// Ends the session and tells it, so that the streams that it opened close. Ending it again does nothing.
    package func end(_ session: Session) async throws {
        try await end("id = $1", .text(session.id), of: session.userID)
    }

    /// Ends every session of `user`.
    package func endAll(of user: UserID) async throws {
        try await end("user_id = $1", .integer(user.number), of: user)
    }

    private func end(_ condition: String, _ value: Value, of user: UserID) async throws {
        let digests = try await database.transaction { transaction in
            let rows = try await transaction.query(
                "DELETE FROM sessions WHERE \(condition) RETURNING id, token_hash", [value])
            for row in rows {
                try await transaction.append(AccessEvents.ended(session: try row["id", as: String.self], of: user))
            }
            return try rows.map { try $0["token_hash", as: String.self] }
        }
        await cache?.forget(digests.map { .session(digest: $0) })
    }

    // MARK: Discord's tokens

    /// The tokens of the session of `user` that began last among those that have some.
    package func tokens(of user: UserID) async throws -> (session: Session, tokens: DiscordTokens)? {
        try await tokens("user_id = $1", .integer(user.number))
    }

    package func tokens(of session: Session) async throws -> DiscordTokens? {
        try await tokens("id = $1", .text(session.id))?.tokens
    }

    private func tokens(
        _ condition: String, _ value: Value
    ) async throws -> (session: Session, tokens: DiscordTokens)? {
        let now = clock.milliseconds
        let rows = try await database.read { reading in
            try await reading.query(
                """
                SELECT id, user_id, expires_at, ends_at, discord_tokens FROM sessions
                WHERE \(condition) AND expires_at > $2 AND discord_tokens IS NOT NULL ORDER BY created_at DESC LIMIT 1
                """, [value, .integer(now)])
        }
        guard let row = rows.first else { return nil }
        let session = Session(
            id: try row["id", as: String.self], userID: UserID(try row["user_id", as: Int64.self]),
            expiresAt: try row["expires_at", as: Int64.self], endsAt: try row["ends_at", as: Int64.self])
        // What was sealed with another secret is as good as not there: the person signs in again.
        guard let tokens = seal.open(try row["discord_tokens", as: String.self], session: session.id) else {
            return nil
        }
        return (session, tokens)
    }

    /// Keeps new tokens, or forgets them when Discord no longer takes them.
    package func keep(_ tokens: DiscordTokens?, of session: Session) async throws {
        let sealed = try tokens.map { try seal.seal($0, session: session.id) }
        try await database.transaction { transaction in
            _ = try await transaction.execute(
                "UPDATE sessions SET discord_tokens = $1 WHERE id = $2", [Value(sealed), .text(session.id)])
        }
    }

    // MARK: Signing in

    /// Marks a sign-in as used; `false` if it was used before.
    ///
    /// - Parameter expiry: when it could not be used any more in any case, in milliseconds since 1970.
    package func use(signIn state: String, until expiry: Int64) async throws -> Bool {
        try await database.transaction { transaction in
            try await transaction.execute(
                "INSERT INTO used_sign_ins (state_hash, expires_at) VALUES ($1, $2) ON CONFLICT (state_hash) DO NOTHING",
                [.text(Self.digest(state)), .integer(expiry)]) > 0
        }
    }

    private static func digest(_ token: String) -> String { Hex.encode(SHA256.hash(Array(token.utf8))) }
}
