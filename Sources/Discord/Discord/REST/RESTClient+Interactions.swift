/// Answers to interactions.
///
/// Errors: every call throws `DiscordError`, or `CancellationError` when its task is cancelled.
extension RESTClient {
    /// Sends the first answer to an interaction, which must arrive within 3 s of the interaction.
    package func respond(to interaction: Interaction, _ response: InteractionResponse) async throws {
        try await call(
            Route(
                .post, "/interactions/{}/{}/callback", interaction.id.description, interaction.token.revealed,
                majors: 2, countsGlobally: false),
            response)
    }

    /// Sends a further message, up to 15 min after the interaction.
    @discardableResult
    package func createFollowUp(to interaction: Interaction, _ draft: MessageDraft) async throws -> Message {
        try await call(
            Route(
                .post, "/webhooks/{}/{}", interaction.applicationID.description, interaction.token.revealed, majors: 2),
            draft, as: Message.self)
    }

    /// Edits the first answer, or fills in a deferred one.
    @discardableResult
    package func editOriginal(of interaction: Interaction, _ edit: MessageEdit) async throws -> Message {
        try await call(
            Route(
                .patch, "/webhooks/{}/{}/messages/@original", interaction.applicationID.description,
                interaction.token.revealed, majors: 2),
            edit, as: Message.self)
    }
}
