package import Store

/// The migrations that create the community's tables.
package enum GuildSchema {
    package static let migrations = MigrationSet(
        owner: "guilds",
        [
            Migration(
                1, "guilds",
                [
                    """
                    CREATE TABLE guilds (
                        id BIGINT PRIMARY KEY,
                        name TEXT NOT NULL,
                        icon_hash TEXT,
                        owner_id BIGINT,
                        is_installed INTEGER NOT NULL DEFAULT 0,
                        gateway_session TEXT,
                        members_complete INTEGER NOT NULL DEFAULT 0,
                        confirmed_at BIGINT NOT NULL DEFAULT 0
                    )
                    """,
                    """
                    CREATE TABLE channels (
                        id BIGINT PRIMARY KEY,
                        guild_id BIGINT NOT NULL,
                        name TEXT NOT NULL,
                        type BIGINT NOT NULL,
                        position BIGINT NOT NULL,
                        parent_id BIGINT,
                        overwrites TEXT NOT NULL
                    )
                    """,
                    "CREATE INDEX channels_by_guild ON channels (guild_id)",
                    """
                    CREATE TABLE roles (
                        id BIGINT PRIMARY KEY,
                        guild_id BIGINT NOT NULL,
                        name TEXT NOT NULL,
                        color BIGINT NOT NULL,
                        position BIGINT NOT NULL,
                        permissions BIGINT NOT NULL,
                        is_managed INTEGER NOT NULL
                    )
                    """,
                    "CREATE INDEX roles_by_guild ON roles (guild_id)",
                    """
                    CREATE TABLE users (
                        id BIGINT PRIMARY KEY,
                        username TEXT NOT NULL,
                        global_name TEXT,
                        avatar_hash TEXT,
                        is_bot INTEGER NOT NULL,
                        guilds_asked_at BIGINT NOT NULL DEFAULT 0
                    )
                    """,
                    """
                    CREATE TABLE members (
                        guild_id BIGINT NOT NULL,
                        user_id BIGINT NOT NULL,
                        nickname TEXT,
                        roles TEXT NOT NULL,
                        joined_at BIGINT,
                        from_gateway INTEGER NOT NULL,
                        reported_permissions BIGINT NOT NULL DEFAULT 0,
                        last_confirmed BIGINT NOT NULL,
                        PRIMARY KEY (guild_id, user_id)
                    )
                    """,
                    "CREATE INDEX members_by_user ON members (user_id)",
                    """
                    CREATE TABLE gateway_sessions (
                        shard BIGINT PRIMARY KEY,
                        session TEXT NOT NULL,
                        bot_user_id BIGINT NOT NULL,
                        confirmed_at BIGINT NOT NULL
                    )
                    """,
                ]),
            Migration(
                2, "sessions",
                [
                    """
                    CREATE TABLE sessions (
                        id TEXT PRIMARY KEY,
                        token_hash TEXT NOT NULL UNIQUE,
                        user_id BIGINT NOT NULL,
                        created_at BIGINT NOT NULL,
                        seen_at BIGINT NOT NULL,
                        expires_at BIGINT NOT NULL,
                        ends_at BIGINT NOT NULL,
                        discord_tokens TEXT
                    )
                    """,
                    "CREATE INDEX sessions_by_user ON sessions (user_id)",
                    "CREATE INDEX sessions_by_expiry ON sessions (expires_at)",
                    """
                    CREATE TABLE used_sign_ins (
                        state_hash TEXT PRIMARY KEY,
                        expires_at BIGINT NOT NULL
                    )
                    """,
                ]),
            Migration(
                3, "guilds whose members are still being told",
                ["ALTER TABLE guilds ADD COLUMN next_session TEXT"]),
            Migration(
                4, "timeouts of members",
                ["ALTER TABLE members ADD COLUMN timed_out_until BIGINT"]),
            Migration(
                5, "when members' roles were confirmed",
                ["ALTER TABLE members ADD COLUMN roles_confirmed BIGINT NOT NULL DEFAULT 0"]),
            Migration(
                6, "the browsers of sessions",
                ["ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT ''"]),
        ])
}
