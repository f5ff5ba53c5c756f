/// The bot itself, its gateway and its commands.
///
/// Errors: every call throws `DiscordError`, or `CancellationError` when its task is cancelled.
extension RESTClient {
    /// Returns the gateway's address, and how many sessions may still be started.
    package func gatewayBot() async throws -> GatewayBot {
        try await call(Route(.get, "/gateway/bot"), as: GatewayBot.self)
    }

    /// Returns the bot's own user.
    package func currentUser() async throws -> User { try await call(Route(.get, "/users/@me"), as: User.self) }

    /// Returns the bot's application, with the flags that name its privileged intents.
    package func currentApplication() async throws -> Application {
        try await call(Route(.get, "/applications/@me"), as: Application.self)
    }

    /// Returns the guilds that the bot is in: at most 200 with ids above `after`.
    package func currentUserGuilds(after: Snowflake = 0) async throws -> [UserGuild] {
        let query = [("limit", "200"), ("after", after.description)]
        return try await call(Route(.get, "/users/@me/guilds", query: query), as: [UserGuild].self)
    }

    /// Replaces all of the application's commands: the global ones, or those of one guild.
    @discardableResult
    package func replaceCommands(
        _ commands: [CommandDraft], of application: Snowflake, in guild: Snowflake? = nil
    ) async throws -> [Command] {
        let route =
            if let guild {
                Route(
                    .put, "/applications/{}/guilds/{}/commands", application.description, guild.description, majors: 2)
            } else {
                Route(.put, "/applications/{}/commands", application.description)
            }
        return try await call(route, commands, as: [Command].self)
    }
}
