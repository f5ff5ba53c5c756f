import Core
import Discord
import DiscordCommunity
import Guilds
import Scheduler

/// Answers presses and commands: at once to say that it was heard, then, when it is done, with what came of it.
struct InteractionDesk: Sendable {
    let games: GameService
    let writes: Allowance
    let rest: RESTClient
    let clock: WallClock
    let log: Log
    let answered: Histogram

    private enum Press {
        case join(GameID)
        case leave(GameID)

        init?(_ customID: String) {
            if customID.hasPrefix("join_game_"), let game = GameID(customID.dropFirst(10)) {
                self = .join(game)
            } else if customID.hasPrefix("leave_game_"), let game = GameID(customID.dropFirst(11)) {
                self = .leave(game)
            } else {
                return nil
            }
        }
    }

    /// Returns when everything about the interaction is done; never throws, since nobody is left to tell.
    func handle(_ interaction: Interaction) async {
        let start = ContinuousClock.now
        do {
            switch interaction.type {
            case .component: try await pressed(interaction)
            case .command: try await commanded(interaction)
            default: return
            }
        } catch is CancellationError {
            return
        } catch {
            let code = (error as? DiscordError)?.discordCode
            let hint =
                code == .unknownInteraction ? "it came too late" : code == .alreadyAcknowledged ? "answered twice" : "-"
            log.warning(
                "an interaction could not be answered",
                ["interaction": "\(interaction.id)", "error": "\(error)", "hint": hint])
        }
        answered.record(ContinuousClock.now - start)
    }

    // MARK: - Buttons

    private func pressed(_ interaction: Interaction) async throws {
        guard let press = interaction.data?.customID.flatMap(Press.init) else { return }
        // The message itself follows with the game's event, so the press changes nothing yet. It does no harm twice, so it
        // needn't wait for Discord.
        async let heard: Void = rest.respond(to: interaction, InteractionResponse(type: .deferredUpdate))
        let outcome = await outcome(of: press, interaction)
        try await heard
        try await rest.createFollowUp(
            to: interaction,
            MessageDraft(content: outcome, allowedMentions: AllowedMentions(), flags: .ephemeral))
    }

    private func outcome(of press: Press, _ interaction: Interaction) async -> String {
        guard let user = interaction.author else { return "This works only in a server." }
        do {
            try await requireAllowance(of: user)
            switch press {
            case .join(let game):
                let signUp = try await games.join(game, by: user, command: Self.command(interaction, "join \(game)"))
                return switch (signUp.participant.state, signUp.waitingPosition) {
                case (.confirmed, _): "You're in! See you there."
                case (.waiting, nil): "You're on the waiting list."
                case (.waiting, let position?): "The game is full: you're number \(position) on the waiting list."
                }
            case .leave(let game):
                try await games.leave(game, by: user, command: Self.command(interaction, "leave \(game)"))
                return "You're not signed up any more."
            }
        } catch {
            return reason(error, interaction)
        }
    }

    // MARK: - Commands

    private func commanded(_ interaction: Interaction) async throws {
        guard let data = interaction.data, data.name == GameCommand.name else { return }
        // What Discord shows as failed must not happen: people try again, and would announce two games. A session that is
        // resumed also delivers commands whose time has run out long ago.
        try await rest.respond(
            to: interaction,
            InteractionResponse(type: .deferredMessage, data: InteractionResponseData(flags: .ephemeral)))
        let answer: MessageEdit
        if let request = GameCommand.request(data) {
            answer = await outcome(of: request, interaction)
        } else {
            answer = Self.text("I don't know this form of the command. Restart Discord to see the current one.")
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
                guard let time = GameTime.parse(when, now: clock.milliseconds) else {
                    return Self.text(GameTime.help)
                }
                let form = GameForm(
                    guildID: guild.description, channelID: interaction.channelID?.description, title: title,
                    description: description, place: place, scheduledAt: RFC3339.text(time),
                    durationMinutes: duration, maxPlayers: players)
                try await requireAllowance(of: user)
                let game = try await games.create(form, by: user, command: Self.command(interaction, "create"))
                let title = Markdown.escape(game.title)
                return Self.text("**\(title)** is announced for <t:\(game.scheduledAt / 1000):F>.")
            }
        } catch {
            return Self.text(reason(error, interaction))
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
            embeds: [Embed(title: "Games to come", description: text, color: 0x5865F2)],
            allowedMentions: AllowedMentions())
    }

    // MARK: - Allowance

    private struct UsedUp: Error { let seconds: Int64 }

    private func requireAllowance(of user: UserID) async throws {
        if let seconds = await writes.take(user) { throw UsedUp(seconds: seconds) }
    }

    // MARK: - Words

    private static func text(_ content: String) -> MessageEdit {
        MessageEdit(content: Markdown.clipped(content, to: 2000), allowedMentions: AllowedMentions())
    }

    /// A press that Discord delivers twice is one command.
    private static func command(_ interaction: Interaction, _ fingerprint: String) -> Scheduler.Command? {
        Scheduler.Command(key: "discord:\(interaction.id)", fingerprint: fingerprint)
    }

    /// What the person may know of why it failed.
    private func reason(_ error: any Error, _ interaction: Interaction) -> String {
        if let error = error as? UsedUp {
            return
                "That was a lot at once! Please try again in \(error.seconds) \(error.seconds == 1 ? "second" : "seconds")."
        }
        if case SchedulerError.timedOut(let end) = error {
            // Discord shows times in the reader's own zone.
            return "You are timed out in this server until <t:\((end + 999) / 1000):f>. Until then you can look, and "
                + "leave games."
        }
        if let error = error as? SchedulerError { return error.message }
        log.error("an interaction failed", ["interaction": "\(interaction.id)", "error": "\(error)"])
        return "Something went wrong here. Please try again in a moment."
    }
}

extension Interaction {
    /// Who pressed or typed.
    var author: UserID? { (member?.user ?? user).flatMap { UserID(discord: $0.id) } }
}
