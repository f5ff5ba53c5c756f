package import Store

/// The bot's own table: for each game, what its message shows and what it should.
package enum BotSchema {
    package static let migrations = MigrationSet(
        owner: "bot",
        [
            Migration(
                1, "cards",
                [
                    """
                    CREATE TABLE cards (
                        game_id TEXT PRIMARY KEY,
                        guild_id BIGINT NOT NULL,
                        channel_id BIGINT NOT NULL,
                        wanted BIGINT NOT NULL,
                        shown BIGINT NOT NULL,
                        message_id BIGINT,
                        fingerprint TEXT,
                        nonce TEXT,
                        posting_since BIGINT,
                        problem TEXT,
                        problem_text TEXT,
                        problem_since BIGINT
                    )
                    """,
                    "CREATE INDEX cards_by_guild ON cards (guild_id)",
                ])
        ])
}
