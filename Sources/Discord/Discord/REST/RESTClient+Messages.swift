/// Messages.
///
/// Errors: every call throws `DiscordError`, or `CancellationError` when its task is cancelled.
extension RESTClient {
    /// Posts a message. With a `nonce` and `enforceNonce`, posting it again within some minutes returns the first message;
    /// only then is it sent again after a failure.
    package func createMessage(_ draft: MessageDraft, in channel: Snowflake) async throws -> Message {
        try await call(
            Route(.post, "/channels/{}/messages", channel.description, majors: 1), draft,
            mayBeResent: draft.nonce != nil && draft.enforceNonce == true, as: Message.self)
    }

    /// Edits a message of the bot.
    @discardableResult
    package func editMessage(
        _ message: Snowflake, in channel: Snowflake, _ edit: MessageEdit
    ) async throws -> Message {
        try await call(Self.message(.patch, channel, message), edit, as: Message.self)
    }

    /// Returns a message; needs "read message history".
    package func message(_ message: Snowflake, in channel: Snowflake) async throws -> Message {
        try await call(Self.message(.get, channel, message), as: Message.self)
    }

    /// Returns the newest messages of a channel with ids above `after`, newest first; needs "read message history".
    package func messages(in channel: Snowflake, after: Snowflake? = nil, limit: Int = 50) async throws -> [Message] {
        var query = [("limit", String(limit))]
        if let after { query.append(("after", after.description)) }
        return try await call(
            Route(.get, "/channels/{}/messages", channel.description, majors: 1, query: query), as: [Message].self)
    }

    /// Deletes a message.
    package func deleteMessage(_ message: Snowflake, in channel: Snowflake) async throws {
        try await call(Self.message(.delete, channel, message))
    }

    private static func message(_ method: Route.Method, _ channel: Snowflake, _ message: Snowflake) -> Route {
        Route(method, "/channels/{}/messages/{}", channel.description, message.description, majors: 1)
    }
}
