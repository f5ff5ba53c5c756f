import Discord
import Guilds
import Scheduler

extension InteractionDispatcher {
    /// - Throws: `DiscordError` when the interaction can't be answered.
    func handleButton(_ interaction: Interaction, _ turn: PressOrder.Turn) async throws {
        guard let button = interaction.data?.customID.flatMap(GameButton.init) else { return }
        // The message itself is edited when the game's event arrives. A press can be repeated without harm, so it needn't wait
        // for the acknowledgement.
        async let acknowledged: Void = rest.respond(to: interaction, InteractionResponse(type: .deferredUpdate))
        let outcome = await outcome(of: button, interaction, turn)
        try await acknowledged
        try await rest.createFollowUp(
            to: interaction,
            MessageDraft(content: outcome, allowedMentions: AllowedMentions(), flags: .ephemeral))
    }

    private func outcome(
        of button: GameButton, _ interaction: Interaction, _ turn: PressOrder.Turn
    ) async -> String {
        guard let user = interaction.author else { return "This works only in a server." }
        defer { turn.end() }
        do {
            try await turn.come()
            try await requireAllowance(of: user)
            switch button {
            case .join(let game):
                let signUp = try await games.join(game, by: user, command: Self.command(interaction, "join \(game)"))
                guard let position = signUp.waitingPosition else {
                    return signUp.participant.state == .waiting
                        ? "You're on the waiting list." : "You're in! See you there."
                }
                return "The game is full: you're number \(position) on the waiting list."
            case .leave(let game):
                try await games.leave(game, by: user, command: Self.command(interaction, "leave \(game)"))
                return "You're no longer signed up."
            }
        } catch {
            return explanation(of: error, interaction)
        }
    }
}
