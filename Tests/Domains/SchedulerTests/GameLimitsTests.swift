import Core
import EventLoop
import Guilds
import Scheduler
import Store
import Testing
import TestSupport

struct GameLimitsTests {
    private func limits(new: Int = 0, open: Int = 0, guild: Int = 0) -> GameLimits {
        var limits = GameLimits.none
        (limits.newPerPerson, limits.openPerPerson, limits.openPerGuild) = (new, open, guild)
        return limits
    }

    @Test func `so many games may be created within ten minutes, called off or not`() async throws {
        let tavern = try await Tavern(limits: limits(new: 2))
        let first = try await tavern.create()
        try await tavern.advance(.seconds(100))
        _ = try await tavern.create()
        try await tavern.games.cancel(first.id, by: Tavern.host)
        let refusal = SchedulerError.tooManyNewGames(limit: 2, seconds: 500)
        #expect(refusal.code == "too_many_new_games" && refusal.message.hasSuffix("in 9 minutes."))
        await #expect(throws: refusal) { _ = try await tavern.create() }
        _ = try await tavern.create(by: Tavern.player)
        // The refused one doesn't count.
        try await tavern.advance(.seconds(500))
        _ = try await tavern.create()
        await #expect(throws: SchedulerError.tooManyNewGames(limit: 2, seconds: 100)) { _ = try await tavern.create() }
    }

    @Test func `so many games of one host may be open`() async throws {
        let tavern = try await Tavern(limits: limits(open: 2))
        let games = [try await tavern.create(), try await tavern.create(in: .seconds(10), minutes: 1)]
        let refusal = SchedulerError.tooManyOpenGames(limit: 2)
        #expect(refusal.code == "too_many_open_games")
        await #expect(throws: refusal) { _ = try await tavern.create() }
        _ = try await tavern.create(by: Tavern.player)
        try await tavern.games.cancel(games[0].id, by: Tavern.host)
        _ = try await tavern.create()
        await #expect(throws: refusal) { _ = try await tavern.create() }
        let clock = GameClock(database: tavern.database, time: tavern.time.source, deadlinesChanged: Signal())
        try await tavern.advance(.seconds(20))
        #expect(try await clock.passTime() == 1)
        await #expect(throws: refusal) { _ = try await tavern.create() }
        try await tavern.advance(.seconds(60))
        #expect(try await clock.passTime() == 1)
        _ = try await tavern.create()
    }

    @Test func `so many games of one server may be open`() async throws {
        let tavern = try await Tavern(limits: limits(guild: 2))
        let game = try await tavern.create()
        _ = try await tavern.create(by: Tavern.player)
        let refusal = SchedulerError.guildHasTooManyGames(limit: 2)
        #expect(refusal.code == "guild_has_too_many_games")
        await #expect(throws: refusal) { _ = try await tavern.create(by: Tavern.manager) }
        try await tavern.games.cancel(game.id, by: Tavern.host)
        _ = try await tavern.create(by: Tavern.manager)
    }

    @Test(arguments: [1, 2, 3]) func `two processes count together`(_ kind: Int) async throws {
        let group = EventLoopGroup(count: 2)
        let url = try await PostgresServer.shared.url()
        var databases: [PostgresDatabase] = []
        for _ in 0..<2 {
            databases.append(try await PostgresDatabase.open(PostgresConfiguration(url: Secret(url)), group: group))
        }
        let tavern = try await Tavern(on: databases[0])
        let limits = kind == 1 ? limits(new: 5) : kind == 2 ? limits(open: 5) : limits(guild: 5)
        let services = databases.map { tavern.games(on: $0, limits: limits) }
        let form = tavern.form()
        let people = kind == 3 ? [Tavern.host, Tavern.player, Tavern.manager] : [Tavern.host]
        let made = await withTaskGroup(of: Bool.self) { tasks in
            for index in 0..<30 {
                tasks.addTask {
                    (try? await services[index % 2].create(form, by: people[index % people.count])) != nil
                }
            }
            return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 5)
        for database in databases { await database.close() }
        await group.shutdown()
    }

    @Test func `what is remembered of one user's commands has a bound, and the newest is kept`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create()
        _ = try await tavern.games.join(game.id, by: Tavern.player, command: Command(key: "other", fingerprint: "f"))
        var version = game.version
        let text = String(repeating: "x", count: 1990)
        // 1.2 MB.
        for number in 0..<500 {
            tavern.time.advance(by: .milliseconds(1))
            let form = GameForm(description: "\(text)\(number)", version: version)
            let command = Command(key: "edit-\(number)", fingerprint: "f")
            version = try await tavern.games.edit(game.id, form, by: Tavern.host, command: command).version
        }
        let kept = try await tavern.database.read { reading in
            try await reading.query("SELECT user_id, SUM(LENGTH(result)) AS size FROM commands GROUP BY user_id")
        }
        let sizes = try kept.map { (try $0["user_id", as: Int64.self], try $0["size", as: Int.self]) }
        let size = try #require(sizes.first { $0.0 == Tavern.host.number }?.1)
        // Looked at now and then: a look is due long before another half as much has come.
        #expect(size > 150_000 && size < 800_000)
        #expect(sizes.count == 2)
        let last = Command(key: "edit-499", fingerprint: "f")
        let form = GameForm(description: text + "499", version: 1)
        #expect(try await tavern.games.edit(game.id, form, by: Tavern.host, command: last).version == version)
    }
}
