package import Store

/// How many shards the bot has: a number that all processes share, since guilds belong to shards by it.
///
/// Errors: `StoreError`.
package struct ShardCount: Sendable {
    private let database: any Database

    package init(database: any Database) { self.database = database }

    /// The number that holds; `nil` before the first decision.
    package func decided() async throws -> Int? {
        try await database.read { try await Self.decided($0) }
    }

    /// Decides on `count`, unless another process has decided since `expected` was read.
    ///
    /// - Returns: the number that holds now.
    package func decide(_ count: Int, replacing expected: Int?) async throws -> Int {
        precondition(count > 0)
        return try await database.transaction(locking: [.exclusive("bot", "shards")]) { transaction in
            let decided = try await Self.decided(transaction)
            guard decided == expected else { return decided ?? count }
            try await transaction.execute(
                """
                INSERT INTO bot_shards (bot, shards) VALUES (1, $1)
                ON CONFLICT (bot) DO UPDATE SET shards = excluded.shards
                """, [.integer(Int64(count))])
            return count
        }
    }

    private static func decided(_ reading: any Reading) async throws -> Int? {
        try await reading.query("SELECT shards FROM bot_shards WHERE bot = 1").first.map {
            try $0["shards", as: Int.self]
        }
    }
}
