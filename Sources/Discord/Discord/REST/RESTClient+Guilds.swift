import Core

/// Guilds with their channels, members and roles.
///
/// Errors: every call throws `DiscordError`, or `CancellationError` when its task is cancelled.
extension RESTClient {
    /// Returns a guild.
    package func guild(_ guild: Snowflake) async throws -> Guild {
        try await call(Self.guild(.get, guild), as: Guild.self)
    }

    /// Returns the channels of a guild.
    package func channels(of guild: Snowflake) async throws -> [Channel] {
        try await call(Self.guild(.get, guild, "/channels"), as: [Channel].self)
    }

    /// Returns a channel.
    package func channel(_ channel: Snowflake) async throws -> Channel {
        try await call(Route(.get, "/channels/{}", channel.description, majors: 1), as: Channel.self)
    }

    /// Creates a text, voice or other channel. Voice rooms will use it.
    package func createChannel(_ draft: ChannelDraft, in guild: Snowflake) async throws -> Channel {
        try await call(Self.guild(.post, guild, "/channels"), draft, as: Channel.self)
    }

    /// Deletes a channel. Voice rooms will use it.
    package func deleteChannel(_ channel: Snowflake) async throws {
        try await call(Route(.delete, "/channels/{}", channel.description, majors: 1))
    }

    /// Returns up to `limit` (at most 1000) members with ids above `after`; needs the privileged members intent.
    package func members(of guild: Snowflake, after: Snowflake = 0, limit: Int = 1000) async throws -> [Member] {
        let query = [("limit", String(limit)), ("after", after.description)]
        return try await call(
            Route(.get, "/guilds/{}/members", guild.description, majors: 1, query: query), as: [Member].self)
    }

    /// Returns a member of a guild.
    package func member(_ user: Snowflake, of guild: Snowflake) async throws -> Member {
        try await call(Self.member(.get, guild, user), as: Member.self)
    }

    /// Moves a member that is in a voice channel to another one; `nil` disconnects them. Voice rooms will use it.
    package func moveMember(_ user: Snowflake, of guild: Snowflake, to channel: Snowflake?) async throws {
        try await call(
            Self.member(.patch, guild, user), ["channel_id": channel.map { .string($0.description) } ?? JSONValue.null])
    }

    /// Returns the roles of a guild.
    package func roles(of guild: Snowflake) async throws -> [Role] {
        try await call(Self.guild(.get, guild, "/roles"), as: [Role].self)
    }

    private static func guild(_ method: Route.Method, _ guild: Snowflake, _ rest: String = "") -> Route {
        Route(method, "/guilds/{}" + rest, guild.description, majors: 1)
    }

    private static func member(_ method: Route.Method, _ guild: Snowflake, _ user: Snowflake) -> Route {
        Route(method, "/guilds/{}/members/{}", guild.description, user.description, majors: 1)
    }
}
