package import Store

/// The migrations that create the scheduler's tables.
package enum GameSchema {
    package static let migrations = MigrationSet(
        owner: "scheduler",
        [
            Migration(
                1, "games",
                [
                    """
                    CREATE TABLE games (
                        id TEXT PRIMARY KEY,
                        guild_id BIGINT NOT NULL,
                        channel_id BIGINT NOT NULL,
                        message_id BIGINT,
                        title TEXT NOT NULL,
                        description TEXT NOT NULL,
                        place TEXT NOT NULL,
                        scheduled_at BIGINT NOT NULL,
                        ends_at BIGINT NOT NULL,
                        duration_minutes BIGINT NOT NULL,
                        max_players BIGINT NOT NULL,
                        signup_method TEXT NOT NULL,
                        status TEXT NOT NULL,
                        host_id BIGINT NOT NULL,
                        version BIGINT NOT NULL,
                        details_version BIGINT NOT NULL,
                        next_place BIGINT NOT NULL,
                        created_at BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX games_by_guild ON games (guild_id, scheduled_at, id)",
                    "CREATE INDEX games_by_start ON games (status, scheduled_at)",
                    "CREATE INDEX games_by_end ON games (status, ends_at)",
                    "CREATE INDEX games_by_message ON games (message_id)",
                    """
                    CREATE TABLE participants (
                        game_id TEXT NOT NULL,
                        user_id BIGINT NOT NULL,
                        place BIGINT NOT NULL,
                        joined_at BIGINT NOT NULL,
                        PRIMARY KEY (game_id, user_id)
                    )
                    """,
                    "CREATE INDEX participants_by_user ON participants (user_id)",
                    """
                    CREATE TABLE commands (
                        user_id BIGINT NOT NULL,
                        command_key TEXT NOT NULL,
                        fingerprint TEXT NOT NULL,
                        result TEXT NOT NULL,
                        created_at BIGINT NOT NULL,
                        PRIMARY KEY (user_id, command_key)
                    )
                    """,
                    "CREATE INDEX commands_by_age ON commands (created_at)",
                ]),
            Migration(
                2, "the open games of a guild",
                [
                    """
                    CREATE INDEX games_open ON games (guild_id, id) WHERE status IN ('scheduled', 'in_progress')
                    """
                ]),
            Migration(3, "games by host", ["CREATE INDEX games_by_host ON games (host_id, created_at)"]),
        ])
}
