package import Store

/// The bot's own tables: for each game, which message is its card and which version of the game that message shows; and the
/// number of shards.
package enum BotSchema {
    /// The columns `wanted` and `shown` count changes for the release before, which may still lead while processes are
    /// updated one by one; this one keeps them equal. A change of leader between the two may leave a card unchecked until its
    /// game changes next. A `shown_version` of `NULL` is a row that only that release has written.
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
                ]),
            Migration(
                2, "the version of the game that a card shows",
                ["ALTER TABLE cards ADD COLUMN shown_version BIGINT"]),
            Migration(
                3, "how many shards the bot has",
                ["CREATE TABLE bot_shards (bot BIGINT PRIMARY KEY, shards BIGINT NOT NULL)"]),
            // `settled_since`: when a card was found to show the end of its game, in milliseconds since 1970.
            Migration(
                4, "the end of a card's life",
                [
                    "ALTER TABLE cards ADD COLUMN settled_since BIGINT",
                    "CREATE INDEX cards_open ON cards (game_id) WHERE settled_since IS NULL",
                    "CREATE INDEX cards_settled ON cards (settled_since) WHERE settled_since IS NOT NULL",
                    "CREATE INDEX cards_with_problem ON cards (guild_id, game_id) WHERE problem IS NOT NULL",
                ]),
        ])
}
