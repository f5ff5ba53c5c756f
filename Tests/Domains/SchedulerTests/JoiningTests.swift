import Guilds
import Scheduler
import Store
import Testing
import TestSupport

struct JoiningTests {
    @Test func `joining again returns the same participant and publishes nothing`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create()
        _ = try await tavern.events()
        let first = try await tavern.games.join(game.id, by: Tavern.player)
        #expect(first.waitingPosition == nil)
        let participant = first.participant
        #expect(
            participant.displayName == "paul" && participant.state == .confirmed && participant.joinedAt == tavern.now)
        try await tavern.advance(.seconds(5))
        #expect(try await tavern.games.join(game.id, by: Tavern.player) == first)
        #expect(try await tavern.events().map(\.kind) == ["game.updated"])
        for _ in 1...2 { try await tavern.games.leave(game.id, by: Tavern.player) }
        #expect(try await tavern.events().map(\.kind) == ["game.updated"])
        #expect(try await tavern.games.game(game.id, for: Tavern.host).participants == [])
    }

    @Test func `two hundred at once never overfill ten seats, and wait in the order of joining`() async throws {
        let tavern = try await Tavern(crowd: 200)
        let game = try await tavern.create(seats: 10)
        let joined = try await withThrowingTaskGroup(of: SignUp.self) { group in
            for index in 0..<200 {
                group.addTask { try await tavern.games.join(game.id, by: Tavern.person(index)) }
            }
            return try await group.reduce(into: [SignUp]()) { $0.append($1) }
        }
        let after = try await tavern.games.game(game.id, for: Tavern.host)
        #expect(after.participants.count == 200 && Set(after.participants.map(\.userID)).count == 200)
        #expect(after.confirmed.count == 10 && after.waiting.count == 190)
        #expect(after.version == game.version + 200)
        let seated = joined.map(\.participant).filter { $0.state == .confirmed }
        #expect(seated.count == 10 && Set(seated.map(\.userID)) == Set(after.confirmed.map(\.userID)))
        #expect(joined.compactMap(\.waitingPosition).sorted() == Array(1...190))
        // The order is that of the commits, which the events tell as well.
        #expect(try await tavern.events().filter { $0.kind == "game.updated" }.count == 200)
        let order = after.participants.map(\.userID)
        try await tavern.games.leave(game.id, by: order[3])
        let next = try await tavern.games.game(game.id, for: Tavern.host)
        #expect(next.participants.map(\.userID) == order.filter { $0 != order[3] })
        #expect(next.confirmed.last?.userID == order[10] && next.confirmed.last?.state == .confirmed)
    }

    @Test func `more seats promote those who waited longest, fewer send the last back to wait`() async throws {
        let tavern = try await Tavern(crowd: 5)
        let game = try await tavern.create(seats: 2)
        for index in 0..<5 { _ = try await tavern.games.join(game.id, by: Tavern.person(index)) }
        let more = try await tavern.games.edit(game.id, GameForm(maxPlayers: 4, version: 1), by: Tavern.host)
        #expect(more.participants.map(\.state) == [.confirmed, .confirmed, .confirmed, .confirmed, .waiting])
        #expect(more.participants.map(\.userID) == (0..<5).map(Tavern.person))
        let fewer = try await tavern.games.edit(
            game.id, GameForm(maxPlayers: 1, version: more.version), by: Tavern.host)
        #expect(fewer.participants.map(\.state) == [.confirmed, .waiting, .waiting, .waiting, .waiting])
    }

    @Test func `a participant who leaves and joins again waits at the end`() async throws {
        let tavern = try await Tavern(crowd: 3)
        let game = try await tavern.create(seats: 1)
        for index in 0..<3 { _ = try await tavern.games.join(game.id, by: Tavern.person(index)) }
        try await tavern.games.leave(game.id, by: Tavern.person(0))
        let again = try await tavern.games.join(game.id, by: Tavern.person(0))
        #expect(again.participant.state == .waiting && again.waitingPosition == 2)
        #expect(
            try await tavern.games.join(game.id, by: Tavern.person(2)).waitingPosition == 1, "has signed up already")
        let after = try await tavern.games.game(game.id, for: Tavern.host)
        #expect(after.participants.map(\.userID) == [1, 2, 0].map(Tavern.person))
    }

    @Test func `nobody joins a game that has begun, nobody leaves one that is over`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create(in: .seconds(10), minutes: 1)
        _ = try await tavern.games.join(game.id, by: Tavern.player)
        let clock = GameClock(
            database: tavern.database, time: tavern.time.source, deadlinesChanged: tavern.deadlinesChanged)
        try await tavern.advance(.seconds(10))
        try await clock.passTime()
        await #expect(throws: SchedulerError.notOpen(.inProgress)) {
            try await tavern.games.join(game.id, by: Tavern.manager)
        }
        #expect(
            try await tavern.games.join(game.id, by: Tavern.player).participant.state == .confirmed, "is in already")
        try await tavern.advance(.seconds(60))
        try await clock.passTime()
        await #expect(throws: SchedulerError.alreadyCompleted) {
            try await tavern.games.leave(game.id, by: Tavern.player)
        }
        try await tavern.games.leave(game.id, by: Tavern.manager)
    }

    @Test func `a command that is sent again returns the same result and changes nothing`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create(seats: 1)
        _ = try await tavern.events()
        let join = Command(key: "k1", fingerprint: "join")
        let first = try await tavern.games.join(game.id, by: Tavern.player, command: join)
        try await tavern.games.leave(game.id, by: Tavern.player)
        #expect(try await tavern.games.join(game.id, by: Tavern.player, command: join) == first)
        #expect(try await tavern.games.game(game.id, for: Tavern.host).participants == [])
        let events = try await tavern.events()
        #expect(events.count == 2 && events[0].payload.hasSuffix(#","command_id":"k1"}"#))
        await #expect(throws: SchedulerError.idempotencyKeyReused) {
            try await tavern.games.leave(
                game.id, by: Tavern.player, command: Command(key: "k1", fingerprint: "leave"))
        }
        // Another person's key is another key.
        _ = try await tavern.games.join(game.id, by: Tavern.manager, command: Command(key: "k1", fingerprint: "other"))
        try await tavern.advance(.seconds(24 * 3600))
        let second = Command(key: "k1", fingerprint: "leave")
        try await tavern.games.leave(game.id, by: Tavern.manager, command: second)
    }

    @Test func `creating twice with one key makes one game, also at once and after its time`() async throws {
        let tavern = try await Tavern()
        let form = tavern.form(in: .seconds(60))
        let command = Command(key: "make", fingerprint: "f")
        let games = try await withThrowingTaskGroup(of: Game.self) { group in
            for _ in 1...10 { group.addTask { try await tavern.games.create(form, by: Tavern.host, command: command) } }
            return try await group.reduce(into: Set<GameID>()) { $0.insert($1.id) }
        }
        #expect(games.count == 1)
        #expect(try await tavern.events().map(\.kind) == ["game.created"])
        try await tavern.advance(.seconds(120))
        #expect(try await games == [tavern.games.create(form, by: Tavern.host, command: command).id])
    }

    @Test(arguments: ["", "a b", "ä", #"a"b"#, "a\\b", String(repeating: "k", count: 129)])
    func `a key that does not fit into an event is refused`(_ key: String) {
        #expect(Command(key: key, fingerprint: "f") == nil)
    }
}
