import Core
import Guilds
import Store

extension GameLimits {
    /// Held by who creates a game, so that two counts don't miss each other's.
    static func locks(host: UserID, guild: GuildID) -> [Lock] {
        [.exclusive("games by host", host), .exclusive("games of guild", guild)]
    }

    /// Asks whether `host` may create one more game in `guild`. Errors: `SchedulerError.tooManyNewGames`, `.tooManyOpenGames`,
    /// `.guildHasTooManyGames`.
    func check(host: UserID, guild: GuildID, now: Int64) -> Lookup<Void> {
        let window = Self.window.milliseconds
        let recent = Statement(
            "SELECT created_at FROM games WHERE host_id = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT $3",
            [.integer(host.number), .integer(now - window), .integer(Int64(newPerPerson))])
        // Those that the host can call off: not where they, or the bot, have left.
        let hosted = Statement(
            """
            SELECT COUNT(*) AS games FROM games WHERE host_id = $1 AND status IN (\(Self.open)) AND guild_id IN (
                SELECT m.guild_id FROM members m JOIN guilds g ON g.id = m.guild_id
                WHERE m.user_id = $1 AND g.is_installed = 1)
            """, [.integer(host.number)])
        let inGuild = Statement(
            "SELECT COUNT(*) AS games FROM games WHERE guild_id = $1 AND status IN (\(Self.open))",
            [.integer(guild.number)])
        return Lookup([recent, hosted, inGuild]) { [self] results in
            if newPerPerson > 0, results[0].count >= newPerPerson, let first = results[0].last {
                let wait = try first["created_at", as: Int64.self] + window - now
                throw SchedulerError.tooManyNewGames(limit: newPerPerson, seconds: max(1, (wait + 999) / 1000))
            }
            if openPerPerson > 0, try Self.count(results[1]) >= openPerPerson {
                throw SchedulerError.tooManyOpenGames(limit: openPerPerson)
            }
            if openPerGuild > 0, try Self.count(results[2]) >= openPerGuild {
                throw SchedulerError.guildHasTooManyGames(limit: openPerGuild)
            }
        }
    }

    private static let open = "'scheduled', 'in_progress'"

    private static func count(_ rows: [Row]) throws -> Int {
        try rows.first.map { try $0["games", as: Int.self] } ?? 0
    }
}
