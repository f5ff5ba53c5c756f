package import Core
import Crypto
import FoundationEssentials
package import Store

/// Who is signed in. Errors: every function throws what the database throws.
///
/// A session lasts seven days from its last use and thirty in all. The database holds the digest of its token, and
/// Discord's tokens only sealed: a copy of the database signs nobody in.
package struct Sessions: Sendable {
    static let idle: Duration = .seconds(7 * 86_400)
    static let limit: Duration = .seconds(30 * 86_400)
    /// How long a used sign-in is remembered beyond its end, for processes whose clocks are behind.
    static let clockMargin: Duration = .seconds(300)
    /// A use is recorded if the last recorded one is older than this.
    static let resolution: Duration = .seconds(3600)

    /// Held by those who append events for users who are signed in: nobody signs in between their looking and their commit, and
    /// reads then what they are about to change.
    static let unchanged = [Lock.shared("sessions", "all")]

    let database: any Database
    let time: TimeSource
    private let perPerson: Int
    private let seal: TokenSeal
    private let cache: AccessCache?
    private let memory: AccessMemory?
    private let uses: SessionUses

    /// - Parameters:
    ///   - cache: keeps sessions for the next requests of processes that remember nothing themselves.
    ///   - memory: what this process remembers. Without both the database is asked each time.
    ///   - perPerson: how many sessions a user may have: beyond that the one ends that was used longest ago. 0 for any number.
    package init(
        database: any Database, keyring: Keyring, cache: AccessCache? = nil, memory: AccessMemory? = nil,
        perPerson: Int = 20, time: TimeSource = .system
    ) {
        self.database = database
        self.cache = cache
        self.memory = memory
        self.perPerson = perPerson
        self.time = time
        uses = SessionUses(database: database, time: time)
        self.seal = TokenSeal(key: keyring.key(for: "discord tokens"))
    }

    /// Starts a session for a user who has just signed in.
    ///
    /// - Parameters:
    ///   - tokens: Discord's for this user, if they are to be kept.
    ///   - browser: which browser it is, in words that its user recognizes.
    package func start(for user: UserID, tokens: DiscordTokens?, browser: String = "") async throws -> StartedSession {
        let now = time.milliseconds
        let token = Base64.encode(SecureRandom.bytes(32), as: .url)
        let session = Session(
            id: Hex.encode(SecureRandom.bytes(16)), userID: user, expiresAt: now + Self.idle.milliseconds,
            endsAt: now + Self.limit.milliseconds)
        let sealed = try tokens.map { try seal.seal($0, session: session.id) }
        let ended = try await database.transaction(locking: [.exclusive("sessions", "all")]) {
            transaction -> [AccessCache.Key] in
            // Expired rows are deleted here, so that the table grows only with the number of people who sign in.
            try await transaction.execute("DELETE FROM sessions WHERE expires_at <= $1", [.integer(now)])
            try await transaction.execute(
                """
                INSERT INTO sessions (id, token_hash, user_id, created_at, seen_at, expires_at, ends_at, discord_tokens, browser)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                [
                    .text(session.id), .text(Self.digest(token)), .integer(user.number), .integer(now), .integer(now),
                    .integer(session.expiresAt), .integer(session.endsAt), Value(sealed), .text(browser),
                ])
            guard perPerson > 0 else { return [] }
            return try await Self.end(
                """
                id IN (
                    SELECT id FROM sessions WHERE user_id = $1 AND id <> $2
                    ORDER BY seen_at DESC, created_at DESC, id LIMIT 1000 OFFSET $3)
                """, [.integer(user.number), .text(session.id), .integer(Int64(perPerson - 1))], of: user,
                in: transaction)
        }
        await cache?.forget(ended)
        return StartedSession(session: session, token: Secret(token))
    }

    /// Returns the session that `token` opens, unless it has ended, and extends it. With a cache or memory, a session that
    /// another process ended may be found for one more second; not by a client that has seen an event after the end.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    package func find(token: String, seen cursor: Cursor? = nil) async throws -> Session? {
        guard token.utf8.count == 43, Base64.decode(token, as: .url) != nil else { return nil }
        let digest = Self.digest(token)
        if let memory {
            return try await memory.sessions.value(for: digest, seen: cursor, about: []) {
                guard let session = try await find("token_hash = $1", .text(digest)) else { return nil }
                return ReadTable.Read(
                    session, about: [CommunitySubject.user(session.userID)], bytes: 300,
                    until: min(session.expiresAt, time.milliseconds + AccessMemory.lifetime))
            }
        }
        guard let cache else { return try await find("token_hash = $1", .text(digest)) }
        return try await cache.value(for: .session(digest: digest)) {
            try await find("token_hash = $1", .text(digest)).map {
                AccessCache.Loaded(value: $0, user: $0.userID, until: $0.expiresAt)
            }
        }
    }

    /// The session that `token` opens, if this process remembers it and it certainly holds. Never waits.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    package func remembered(token: String, seen cursor: Cursor?) -> Session? {
        memory?.sessions.remembered(Self.digest(token), seen: cursor)
    }

    /// Returns the session unless it has ended, as the database says now, and extends it.
    package func find(id: String) async throws -> Session? { try await find("id = $1", .text(id)) }

    private func find(_ condition: String, _ value: Value) async throws -> Session? {
        let now = time.milliseconds
        let rows = try await database.read { reading in
            try await reading.query(
                "SELECT id, user_id, seen_at, expires_at, ends_at FROM sessions WHERE \(condition)", [value])
        }
        guard let row = rows.first, try row["expires_at", as: Int64.self] > now else { return nil }
        let session = Session(
            id: try row["id", as: String.self], userID: UserID(try row["user_id", as: Int64.self]),
            expiresAt: try row["expires_at", as: Int64.self], endsAt: try row["ends_at", as: Int64.self])
        guard try now - row["seen_at", as: Int64.self] > Self.resolution.milliseconds else { return session }
        let expiry = min(now + Self.idle.milliseconds, session.endsAt)
        guard try await uses.record(session.id) else { return nil }
        return Session(id: session.id, userID: session.userID, expiresAt: expiry, endsAt: session.endsAt)
    }

    /// Ends the session and appends `session.ended`, which closes the streams that it opened. Ending it again does nothing.
    package func end(_ session: Session) async throws {
        try await end("id = $1", .text(session.id), of: session.userID)
    }

    /// Ends every session of `user`.
    package func endAll(of user: UserID) async throws {
        try await end("user_id = $1", .integer(user.number), of: user)
    }

    private func end(_ condition: String, _ value: Value, of user: UserID) async throws {
        let ended = try await database.transaction(locking: []) {
            try await Self.end(condition, [value], of: user, in: $0)
        }
        await cache?.forget(ended)
    }

    /// Returns what the cache must forget once the transaction is committed.
    private static func end(
        _ condition: String, _ values: [Value], of user: UserID, in transaction: any Transaction
    ) async throws -> [AccessCache.Key] {
        let rows = try await transaction.query(
            "DELETE FROM sessions WHERE \(condition) RETURNING id, token_hash", values)
        for row in rows {
            try await transaction.append(AccessEvents.ended(session: try row["id", as: String.self], of: user))
        }
        return try rows.map { .session(digest: try $0["token_hash", as: String.self]) }
    }

    // MARK: What a user is told

    /// Where `user` is signed in, as the database says now: what was used last comes first.
    package func all(of user: UserID) async throws -> [SignedIn] {
        let now = time.milliseconds
        let rows = try await database.read { reading in
            try await reading.query(
                """
                SELECT id, browser, created_at, seen_at FROM sessions WHERE user_id = $1 AND expires_at > $2
                ORDER BY seen_at DESC, created_at DESC, id LIMIT 1000
                """, [.integer(user.number), .integer(now)])
        }
        return try rows.map { row in
            SignedIn(
                id: try row["id"], browser: try row["browser"], startedAt: try row["created_at"],
                usedAt: try row["seen_at"])
        }
    }

    // MARK: Discord's tokens

    /// Returns the tokens of the newest session of `user` that has some.
    package func tokens(of user: UserID) async throws -> (session: Session, tokens: DiscordTokens)? {
        try await tokens("user_id = $1", .integer(user.number))
    }

    /// Returns the tokens kept with `session`.
    package func tokens(of session: Session) async throws -> DiscordTokens? {
        try await tokens("id = $1", .text(session.id))?.tokens
    }

    private func tokens(
        _ condition: String, _ value: Value
    ) async throws -> (session: Session, tokens: DiscordTokens)? {
        let now = time.milliseconds
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
        // Tokens that were sealed with another secret count as absent: the user signs in again.
        guard let tokens = seal.open(try row["discord_tokens", as: String.self], session: session.id) else {
            return nil
        }
        return (session, tokens)
    }

    /// Keeps new tokens; `nil` forgets them, when Discord no longer accepts them.
    package func keep(_ tokens: DiscordTokens?, of session: Session) async throws {
        let sealed = try tokens.map { try seal.seal($0, session: session.id) }
        try await database.transaction(locking: []) { transaction in
            _ = try await transaction.execute(
                "UPDATE sessions SET discord_tokens = $1 WHERE id = $2", [Value(sealed), .text(session.id)])
        }
    }

    // MARK: Signing in

    /// Marks a sign-in as used. Returns `false` if it had been used before. Those that nobody could use any more are forgotten,
    /// whether or not anybody's sign-in succeeds.
    ///
    /// - Parameter expiry: when it could not be used any more in any case, in milliseconds since 1970.
    package func use(signIn state: String, until expiry: Int64) async throws -> Bool {
        let forgotten = time.milliseconds - Self.clockMargin.milliseconds
        return try await database.transaction(locking: []) { transaction in
            try await transaction.enqueue("DELETE FROM used_sign_ins WHERE expires_at <= $1", [.integer(forgotten)])
            return try await transaction.execute(
                "INSERT INTO used_sign_ins (state_hash, expires_at) VALUES ($1, $2) ON CONFLICT (state_hash) DO NOTHING",
                [.text(Self.digest(state)), .integer(expiry)]) > 0
        }
    }

    private static func digest(_ token: String) -> String { Hex.encode(SHA256.hash(Array(token.utf8))) }
}
