import Core
import Guilds
import Scheduler
import Store
import Testing
import TestSupport

struct GameClockTests {
    func clock(_ tavern: Tavern) -> GameClock {
        GameClock(database: tavern.database, time: tavern.time.source, deadlinesChanged: tavern.deadlinesChanged)
    }

    @Test func `a game starts at its time and ends after its duration, each published once`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create(in: .seconds(60), minutes: 30)
        _ = try await tavern.events()
        try await tavern.advance(.seconds(59))
        #expect(try await clock(tavern).passTime() == 0)
        try await tavern.advance(.seconds(1))
        for _ in 1...2 { try await clock(tavern).passTime() }
        #expect(try await tavern.games.game(game.id)?.status == .inProgress)
        try await tavern.advance(.seconds(30 * 60))
        for _ in 1...2 { try await clock(tavern).passTime() }
        let after = try #require(try await tavern.games.game(game.id))
        #expect(after.status == .completed && after.version == 3)
        let events = try await tavern.events()
        #expect(events.map(\.kind) == ["game.started", "game.completed"])
        #expect(
            events.first?.payload
                == #"{"type":"game_started","game_id":"\#(game.id)","guild_id":"\#(Tavern.guild)",\#(Tavern.place),"version":2}"#
        )
    }

    @Test func `what fell due while no clock ran happens at once, in whole batches`() async throws {
        let tavern = try await Tavern()
        for index in 0..<130 { _ = try await tavern.create("game \(index)", in: .seconds(10), minutes: 1) }
        _ = try await tavern.events()
        try await tavern.advance(.seconds(3600))
        let clock = clock(tavern)
        let run = Task { try await clock.run() }
        try await eventually { try await tavern.games.openGames(of: Tavern.guild).games.isEmpty }
        run.cancel()
        _ = await run.result
        let kinds = try await tavern.events().map(\.kind)
        #expect(kinds.filter { $0 == "game.started" }.count == 130)
        #expect(kinds.filter { $0 == "game.completed" }.count == 130)
    }

    @Test func `two clocks start a game once`() async throws {
        let tavern = try await Tavern()
        for index in 0..<20 { _ = try await tavern.create("game \(index)", in: .seconds(10)) }
        _ = try await tavern.events()
        try await tavern.advance(.seconds(10))
        let (one, two) = (clock(tavern), clock(tavern))
        async let first = one.passTime()
        async let second = two.passTime()
        #expect(try await first + second == 20)
        #expect(try await tavern.events().count == 20)
    }

    @Test func `the clock sleeps until the next deadline, and wakes when a nearer one is set`() async throws {
        let tavern = try await Tavern()
        _ = try await tavern.create(in: .seconds(5))
        let (clock, start) = (clock(tavern), tavern.time.now)
        let run = Task { try await clock.run() }
        try await eventually { tavern.time.sleepers == [start + .seconds(5)] }
        _ = try await tavern.create(in: .seconds(2))
        try await eventually { tavern.time.sleepers == [start + .seconds(2)] }
        try await tavern.advance(.seconds(2))
        try await eventually { tavern.time.sleepers == [start + .seconds(5)] }
        run.cancel()
        _ = await run.result
    }

    @Test func `a game that is moved starts at its new time`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create(in: .seconds(60))
        let later = GameForm(scheduledAt: RFC3339.text(tavern.now + 120_000), version: 1)
        _ = try await tavern.games.edit(game.id, later, by: Tavern.host)
        try await tavern.advance(.seconds(60))
        #expect(try await clock(tavern).passTime() == 0)
        try await tavern.advance(.seconds(60))
        #expect(try await clock(tavern).passTime() == 1)
    }
}
