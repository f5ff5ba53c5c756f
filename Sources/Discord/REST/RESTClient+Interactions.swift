extension RESTClient {
    /// Gives an interaction its first answer, which must arrive within 3 s of the interaction.
    package func respond(to interaction: Interaction, _ response: InteractionResponse) async throws {
        try await call(Self.callback(interaction, query: []), response)
    }

    /// As `respond`, and says what the answer created.
    package func respondWithResult(
        to interaction: Interaction, _ response: InteractionResponse
    ) async throws -> InteractionCallback {
        try await call(
            Self.callback(interaction, query: [("with_response", "true")]), response, as: InteractionCallback.self)
    }

    /// Sends a further message, up to 15 min after the interaction.
    @discardableResult
    package func createFollowUp(to interaction: Interaction, _ draft: MessageDraft) async throws -> Message {
        try await call(
            Route(
                .post, "/webhooks/{}/{}", interaction.applicationID.description, interaction.token.revealed, majors: 2),
            draft, as: Message.self)
    }

    /// Changes the first answer, or fills in a deferred one.
    @discardableResult
    package func editOriginal(of interaction: Interaction, _ edit: MessageEdit) async throws -> Message {
        try await call(Self.original(.patch, interaction), edit, as: Message.self)
    }

    package func deleteOriginal(of interaction: Interaction) async throws {
        try await call(Self.original(.delete, interaction))
    }

    private static func callback(_ interaction: Interaction, query: [(String, String)]) -> Route {
        Route(
            .post, "/interactions/{}/{}/callback", interaction.id.description, interaction.token.revealed, majors: 2,
            query: query, countsGlobally: false)
    }

    private static func original(_ method: Route.Method, _ interaction: Interaction) -> Route {
        Route(
            method, "/webhooks/{}/{}/messages/@original", interaction.applicationID.description,
            interaction.token.revealed, majors: 2)
    }
}
