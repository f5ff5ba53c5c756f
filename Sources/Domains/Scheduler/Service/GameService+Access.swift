import Core
import Guilds
import Store

/// What decides who may know of a game, and what its events tell.
protocol GameIdentity: Sendable {
    var id: GameID { get }
    var guildID: GuildID { get }
    var channelID: ChannelID { get }
    var hostID: UserID { get }
    var version: Int64 { get }
}

extension Game: GameIdentity {
    var hostID: UserID { host.id }
}

/// A game, or what is needed of it, together with a user who may know of it and their permissions.
struct VisibleGame<Subject: GameIdentity> {
    let game: Subject
    let user: UserID
    let viewer: EffectivePermissions

    /// - Throws: `SchedulerError.timedOut` if the user may only look on.
    func requireNotTimedOut(at now: Int64) throws(SchedulerError) {
        if let end = viewer.timeout(at: now) { throw .timedOut(until: end) }
    }

    /// - Throws: `SchedulerError.notGameManager` unless the user is the host or may manage the guild.
    func requireManager() throws(SchedulerError) {
        guard game.hostID == user || viewer.managesGuild else { throw .notGameManager }
    }
}

extension GameService {
    func requireMembership(
        of user: UserID, in guild: GuildID, otherwise error: SchedulerError, seen cursor: Cursor? = nil
    ) async throws {
        guard try await policy.membership(of: user, in: guild, seen: cursor) != nil else { throw error }
    }

    func requireMembership(of user: UserID, inGuildOf id: GameID) async throws -> GuildID {
        let guild = try await guild(of: id)
        try await requireMembership(of: user, in: guild, otherwise: .gameNotFound)
        return guild
    }

    private func guild(of id: GameID) async throws -> GuildID {
        if let guild = guilds[id] { return guild }
        let rows = try await database.read { reading in
            try await reading.query("SELECT guild_id FROM games WHERE id = $1", [.text(id.description)])
        }
        guard let row = rows.first else { throw SchedulerError.gameNotFound }
        let guild = GuildID(try row["guild_id", as: Int64.self])
        guilds[id] = guild
        return guild
    }

    /// Asks whether `user` may know of the game, together with it, or with what is needed of it, and its channel: members may know
    /// of the games in the channels that they see, hosts of their own games, and those who manage the guild of all its games.
    /// Errors: `SchedulerError.gameNotFound`.
    func visible<Subject: GameIdentity>(
        _ lookup: Lookup<(Subject?, Channel?)>, in guild: GuildID, to user: UserID
    ) -> Lookup<VisibleGame<Subject>> {
        GuildRecords.effectivePermissions(of: user, in: guild, now: time.milliseconds).and(lookup).map {
            viewer, found in
            let (game, channel) = found
            guard let viewer, let game, game.guildID == guild else { throw SchedulerError.gameNotFound }
            if game.hostID != user, !viewer.managesGuild {
                guard let channel, viewer.sees(channel) else { throw SchedulerError.gameNotFound }
            }
            return VisibleGame(game: game, user: user, viewer: viewer)
        }
    }

    /// Requires a channel in which the user may write and the bot can keep a card.
    ///
    /// - Throws: `SchedulerError.guildNotFound`, `.timedOut`, `.invalid`, `.botCannotPost`.
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
