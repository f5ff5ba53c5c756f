import Core
import Discord
import DiscordCommunity
import Guilds
import Scheduler

extension InteractionDispatcher {
    /// - Throws: `DiscordError` when the interaction can't be answered.
    func handleCommand(_ interaction: Interaction) async throws {
        guard let data = interaction.data, data.name == GameCommand.name else { return }
        // What Discord shows as failed must not be done: users try again, and would announce two games. A session that is
        // resumed also delivers commands that have expired long ago. So this waits for the acknowledgement.
        try await rest.respond(
            to: interaction,
            InteractionResponse(type: .deferredMessage, data: InteractionResponseData(flags: .ephemeral)))
        let answer: MessageEdit
        if let request = GameCommand.request(data) {
            answer = await outcome(of: request, interaction)
        } else {
            answer = Self.text("This form of the command no longer exists. Restart Discord to see the current one.")
        }
        try await rest.editOriginal(of: interaction, answer)
    }

    private func outcome(of request: GameCommand.Request, _ interaction: Interaction) async -> MessageEdit {
        guard let user = interaction.author, let guild = interaction.guildID.flatMap({ GuildID(discord: $0) }) else {
            return Self.text("This works only in a server.")
        }
        do {
            switch request {
            case .list: return try await list(guild, user)
            case .create(let title, let when, let players, let place, let description, let duration):
                guard let start = GameTime.parse(when, now: time.milliseconds) else {
                    return Self.text(GameTime.help)
                }
                let form = GameForm(
                    guildID: guild.description, channelID: interaction.channelID?.description, title: title,
                    description: description, place: place, scheduledAt: RFC3339.text(start),
                    durationMinutes: duration, maxPlayers: players)
                try await requireAllowance(of: user)
                let game = try await games.create(form, by: user, command: Self.command(interaction, "create"))
                let title = Markdown.escape(game.title)
                return Self.text("**\(title)** is announced for <t:\(game.scheduledAt / 1000):F>.")
            }
        } catch {
            return Self.text(explanation(of: error, interaction))
        }
    }

    private func list(_ guild: GuildID, _ user: UserID) async throws -> MessageEdit {
        let filter = GameFilter(guildID: guild, statuses: [.scheduled, .inProgress], limit: 20)
        let page = try await games.games(filter, for: user)
        guard !page.games.isEmpty else {
            return Self.text("No games are planned here. Announce one with `/game create`.")
        }
        var text = ""
        for game in page.games {
            let title = Markdown.clipped(Markdown.escape(game.title), to: 80)
            let link = game.messageID.map { "https://discord.com/channels/\(guild)/\(game.channelID)/\($0)" }
            let line =
                "• <t:\(game.scheduledAt / 1000):f> \(link.map { "[\(title)](\($0))" } ?? "**\(title)**") "
                + "(\(game.confirmed.count)/\(game.maxPlayers))\n"
            guard text.utf16.count + line.utf16.count < 3900 else { break }
            text += line
        }
        return MessageEdit(
            embeds: [Embed(title: "Upcoming games", description: text, color: 0x5865F2)],
            allowedMentions: AllowedMentions())
    }

    private static func text(_ content: String) -> MessageEdit {
        MessageEdit(content: Markdown.clipped(content, to: 2000), allowedMentions: AllowedMentions())
    }
}
