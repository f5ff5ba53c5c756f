import Core
import Guilds
import Store

/// A game as somebody who may know of it finds it.
struct VisibleGame {
    let game: Game
    let user: UserID
    let viewer: EffectivePermissions

    /// Throws `SchedulerError.timedOut` for who may only look on.
    func requireVoice(at now: Int64) throws(SchedulerError) {
        if let end = viewer.timeout(at: now) { throw .timedOut(until: end) }
    }

    /// The host, and whoever may manage the guild.
    func requireManager() throws(SchedulerError) {
        guard game.host.id == user || viewer.managesGuild else { throw .notGameManager }
    }
}

extension GameService {
    func requireMembership(
        of user: UserID, in guild: GuildID, otherwise error: SchedulerError
    ) async throws {
        guard try await policy.membership(of: user, in: guild) != nil else { throw error }
    }

    func requireMembership(of user: UserID, inGuildOf id: GameID) async throws -> GuildID {
        let rows = try await database.read { reading in
            try await reading.query("SELECT guild_id FROM games WHERE id = $1", [.text(id.description)])
        }
        guard let row = rows.first else { throw SchedulerError.gameNotFound }
        let guild = GuildID(try row["guild_id", as: Int64.self])
        try await requireMembership(of: user, in: guild, otherwise: .gameNotFound)
        return guild
    }

    /// A member knows of the games in the channels that they see; the host and who manages the guild of every game.
    func visibleGame(
        _ id: GameID, in guild: GuildID, to user: UserID, _ reading: any Reading
    ) async throws -> VisibleGame {
        let records = GuildRecords(reading)
        guard let viewer = try await records.effectivePermissions(of: user, in: guild, now: time.milliseconds),
            let game = try await GameRecords(reading).game(id), game.guildID == guild
        else { throw SchedulerError.gameNotFound }
        if game.host.id != user, !viewer.managesGuild {
            guard let channel = try await records.channel(game.channelID), viewer.sees(channel) else {
                throw SchedulerError.gameNotFound
            }
        }
        return VisibleGame(game: game, user: user, viewer: viewer)
    }

    /// The channel must be one that its user may write in and that the bot can keep a card in.
    func requirePlace(
        for details: GameDetails, of user: UserID, at now: Int64, in reading: any Reading
    ) async throws {
        let records = GuildRecords(reading)
        guard let viewer = try await records.effectivePermissions(of: user, in: details.guildID, now: now) else {
            throw SchedulerError.guildNotFound
        }
        if let end = viewer.timeout(at: now) { throw SchedulerError.timedOut(until: end) }
        guard let channel = try await records.channel(details.channelID), channel.guildID == details.guildID,
            viewer.sees(channel)
        else { throw SchedulerError.invalid([Fault("channel_id", "There is no such channel in this server.")]) }
        guard channel.holdsMessages else {
            throw SchedulerError.invalid([Fault("channel_id", "#\(channel.name) is not a text channel.")])
        }
        guard viewer.permissions(in: channel).contains(.sendMessages) else {
            throw SchedulerError.invalid([Fault("channel_id", "You may not write in #\(channel.name).")])
        }
        let bot = try await records.effectivePermissionsOfBot(in: details.guildID)
        let missing = GuildPermissions.neededForCards.subtracting(bot?.permissions(in: channel) ?? []).names
        guard missing.isEmpty else { throw SchedulerError.botCannotPost(channel: channel.name, missing: missing) }
    }
}
