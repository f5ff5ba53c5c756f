import Core

extension RESTClient {
    package func guild(_ guild: Snowflake) async throws -> Guild {
        try await call(Self.guild(.get, guild), as: Guild.self)
    }

    package func channels(of guild: Snowflake) async throws -> [Channel] {
        try await call(Self.guild(.get, guild, "/channels"), as: [Channel].self)
    }

    package func channel(_ channel: Snowflake) async throws -> Channel {
        try await call(Route(.get, "/channels/{}", channel.description, majors: 1), as: Channel.self)
    }

    /// Creates a text, voice or other channel.
    package func createChannel(_ draft: ChannelDraft, in guild: Snowflake) async throws -> Channel {
        try await call(Self.guild(.post, guild, "/channels"), draft, as: Channel.self)
    }

    package func deleteChannel(_ channel: Snowflake) async throws {
        try await call(Route(.delete, "/channels/{}", channel.description, majors: 1))
    }

    /// Up to `limit` (at most 1000) members with ids above `after`; needs the privileged members intent.
    package func members(of guild: Snowflake, after: Snowflake = 0, limit: Int = 1000) async throws -> [Member] {
        let query = [("limit", String(limit)), ("after", after.description)]
        return try await call(
            Route(.get, "/guilds/{}/members", guild.description, majors: 1, query: query), as: [Member].self)
    }

    package func member(_ user: Snowflake, of guild: Snowflake) async throws -> Member {
        try await call(Self.member(.get, guild, user), as: Member.self)
    }

    /// Moves somebody who is in voice to another channel; `nil` takes them out.
    package func moveMember(_ user: Snowflake, of guild: Snowflake, to channel: Snowflake?) async throws {
        try await call(
            Self.member(.patch, guild, user), ["channel_id": channel.map { .string($0.description) } ?? JSONValue.null])
    }

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
