import Core
import EventLoop
import FoundationEssentials
import Guilds
import Scheduler
import Store
import Testing
import TestSupport

/// The rules of games when several processes serve them from one PostgreSQL.
struct ManyProcessesTests {
    private static let loops = EventLoopGroup(count: 2)

    private func open(_ count: Int) async throws -> [PostgresDatabase] {
        let url = try await PostgresServer.shared.url()
        var databases: [PostgresDatabase] = []
        for _ in 0..<count {
            databases.append(
                try await PostgresDatabase.open(PostgresConfiguration(url: Secret(url)), group: Self.loops))
        }
        return databases
    }

    @Test func `two hundred joins at once from two processes never overfill ten seats, nor lose a place`() async throws
    {
        let databases = try await open(2)
        let tavern = try await Tavern(crowd: 200, on: databases[0])
        let services = databases.map { tavern.games(on: $0) }
        let game = try await tavern.create(seats: 10)
        _ = try await tavern.events()
        let joined = try await withThrowingTaskGroup(of: Participant.self) { group in
            for index in 0..<200 {
                group.addTask { try await services[index % 2].join(game.id, by: Tavern.person(index)).participant }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let after = try await services[1].game(game.id, for: Tavern.host)
        #expect(after.participants.count == 200 && Set(after.participants.map(\.userID)).count == 200)
        #expect(after.confirmed.count == 10 && after.waiting.count == 190)
        #expect(after.version == game.version + 200)
        let confirmed = Set(joined.filter { $0.state == .confirmed }.map(\.userID))
        #expect(confirmed == Set(after.confirmed.map(\.userID)) && confirmed.count == 10)
        let events = try await tavern.events()
        #expect(events.filter { $0.kind == "game.updated" }.count == 200)
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.number + 1 == $1.number })
        // A place that becomes free is the first in line's, whichever process hears of it.
        let order = after.participants.map(\.userID)
        try await services[0].leave(game.id, by: order[3])
        #expect(try await services[1].game(game.id, for: Tavern.host).confirmed.last?.userID == order[10])
        for database in databases { await database.close() }
    }

    @Test func `games start by the clock that all processes share`() async throws {
        let databases = try await open(2)
        let tavern = try await Tavern(on: databases[0])
        let system = TimeSource.system
        tavern.time.set(system.date)
        try await tavern.advance(.zero)
        func clock(_ offset: Double) -> GameClock {
            let time = TimeSource(
                date: { system.date + offset }, now: { system.now }, sleepUntil: { try await system.sleep(until: $0) })
            return GameClock(database: databases[1], time: time, deadlinesChanged: Signal())
        }
        let later = try await tavern.create(in: .seconds(30))
        #expect(try await clock(45).passTime() == 0, "a process that is ahead")
        #expect(try await tavern.games.game(later.id)?.status == .scheduled)
        let soon = try await tavern.create(in: .seconds(1))
        try await eventually("the game having begun, by a process that is behind") {
            try await clock(-3600).passTime() == 1
        }
        #expect(try await tavern.games.game(soon.id)?.status == .inProgress)
        for database in databases { await database.close() }
    }

    @Test func `one command that reaches two processes makes one game`() async throws {
        let databases = try await open(2)
        let tavern = try await Tavern(on: databases[0])
        let services = databases.map { tavern.games(on: $0) }
        let form = tavern.form()
        let command = Command(key: "make", fingerprint: "f")
        let games = try await withThrowingTaskGroup(of: Game.self) { group in
            for index in 0..<10 {
                group.addTask { try await services[index % 2].create(form, by: Tavern.host, command: command) }
            }
            return try await group.reduce(into: Set<GameID>()) { $0.insert($1.id) }
        }
        #expect(games.count == 1)
        #expect(try await tavern.events().map(\.kind) == ["game.created"])
        for database in databases { await database.close() }
    }

    @Test func `two clocks start a game once`() async throws {
        let databases = try await open(2)
        let tavern = try await Tavern(on: databases[0])
        tavern.time.set(TimeSource.system.date)
        try await tavern.advance(.zero)
        let game = try await tavern.create(in: .seconds(1))
        _ = try await tavern.events()
        let clocks = databases.map { GameClock(database: $0, time: tavern.time.source, deadlinesChanged: Signal()) }
        // The server's clock decides.
        var turned = 0
        try await eventually("the game has begun") {
            turned = try await withThrowingTaskGroup(of: Int.self) { group in
                for clock in clocks { group.addTask { try await clock.passTime() } }
                return try await group.reduce(0, +)
            }
            return turned > 0
        }
        #expect(turned == 1)
        #expect(try await tavern.events().map(\.kind) == ["game.started"])
        #expect(try await tavern.games.game(game.id, for: Tavern.host).status == .inProgress)
        for database in databases { await database.close() }
    }
}
