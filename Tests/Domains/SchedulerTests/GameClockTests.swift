import Core
import Guilds
import Scheduler
import Store
import Testing
import TestSupport

@Suite struct `Games follow the time` {
    func clock(_ tavern: Tavern) -> GameClock {
        GameClock(database: tavern.database, time: tavern.time.source, deadlinesChanged: tavern.deadlinesChanged)
    }

    @Test func `a game begins at its time and ends after its duration, each told once`() async throws {
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
                == #"{"type":"game_started","game_id":"\#(game.id)","guild_id":"\#(Tavern.guild)"}"#)
    }

    @Test func `what fell due while nobody looked happens at once, whole batches of it`() async throws {
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

    @Test func `two clocks begin a game once`() async throws {
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

    @Test func `it sleeps until the next deadline, and looks again when a nearer one is made`() async throws {
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

    @Test func `a game that is moved begins at its new time`() async throws {
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

@Suite struct `Times as text` {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0)), ("2027-03-01T18:00:00Z", 1_803_924_000_000),
        ("2027-03-01T20:00:00+02:00", 1_803_924_000_000), ("2027-03-01T12:30:00-05:30", 1_803_924_000_000),
        ("2024-02-29T23:59:59.999Z", 1_709_251_199_999), ("2027-03-01t18:00:00.1234567z", 1_803_924_000_123),
        ("1969-12-31T23:59:59Z", -1000), ("2016-12-31T23:59:60Z", 1_483_228_799_000),
    ])
    func `are read`(_ text: String, _ milliseconds: Int64) { #expect(RFC3339.milliseconds(text) == milliseconds) }

    @Test(arguments: [
        "", "2027", "2027-03-01", "2027-03-01T18:00:00", "2027-03-01 18:00:00Z", "2027-02-29T00:00:00Z",
        "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z", "2027-03-00T00:00:00Z", "2027-03-32T00:00:00Z",
        "2027-03-01T24:00:00Z", "2027-03-01T18:60:00Z", "2027-03-01T18:00:61Z", "2027-03-01T18:00:00.Z",
        "2027-03-01T18:00:00+2:00", "2027-03-01T18:00:00+24:00", "2027-03-01T18:00:00Z ", "27-03-01T18:00:00Z",
        "+027-03-01T18:00:00Z", "2027-03-01T18:00:00ZZ", "٢٠٢٧-03-01T18:00:00Z", "2100-02-29T00:00:00Z",
    ])
    func `are refused when they are not exactly that`(_ text: String) { #expect(RFC3339.milliseconds(text) == nil) }

    @Test func `are written so that they can be read again`() {
        for milliseconds in [Int64(0), 1_803_924_000_000, 1_803_924_000_123, 4_102_444_800_007] {
            #expect(RFC3339.milliseconds(RFC3339.text(milliseconds)) == milliseconds)
        }
        #expect(RFC3339.text(1_803_924_000_000) == "2027-03-01T18:00:00Z")
        #expect(RFC3339.text(1_803_924_000_120) == "2027-03-01T18:00:00.120Z")
    }
}
