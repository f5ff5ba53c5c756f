import Bot
import Core
import DiscordTestSupport
import EventLoop
import Foundation
import Guilds
import Scheduler
import Store
import Testing
import TestSupport

/// A community that has announced tens of thousands of games.
struct ManyCardsTests {
    enum Server: CaseIterable { case sqlite, postgres }

    private static let loops = EventLoopGroup(count: 1)
    private static let open = 20_000
    private static let over = 15_000
    private static let now: Int64 = 1_800_000_000_000

    private func withDatabase(_ server: Server, _ body: (WatchedDatabase) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let database: any Database
        switch server {
        case .sqlite:
            var configuration = SQLiteConfiguration(path: folder.file("test.db"))
            configuration.synchronous = .normal
            database = try await SQLiteDatabase.open(configuration)
        case .postgres:
            let url = try await PostgresServer.shared.url()
            database = try await PostgresDatabase.open(PostgresConfiguration(url: Secret(url)), group: Self.loops)
        }
        try await database.migrate([GuildSchema.migrations, GameSchema.migrations, BotSchema.migrations])
        try await fill(database)
        try await body(WatchedDatabase(database))
        await database.close()
        _ = folder
    }

    /// Games that are open, and then some that are over, all with a card that shows them as they are.
    private func fill(_ database: any Database) async throws {
        let all = Self.open + Self.over
        for start in stride(from: 0, to: all, by: 1000) {
            var games: [String] = []
            var cards: [String] = []
            for number in start..<min(start + 1000, all) {
                let id = String(format: "%08x-0000-4000-8000-000000000000", number)
                let status = number < Self.open ? "scheduled" : number % 2 == 0 ? "completed" : "cancelled"
                games.append(
                    """
                    ('\(id)', \(1 << 22), 9001, \(number + 1), 'A game', '', '', \(Self.now), \(Self.now), 60, 4, \
                    'SELF_SIGNUP', '\(status)', 11, 3, 3, 1, \(Self.now))
                    """)
                cards.append("('\(id)', \(1 << 22), 9001, 0, 0, 3, \(number + 1), 'fingerprint')")
            }
            let values = (games: games.joined(separator: ", "), cards: cards.joined(separator: ", "))
            try await database.transaction(locking: []) { transaction in
                try await transaction.execute(
                    """
                    INSERT INTO games (id, guild_id, channel_id, message_id, title, description, place, scheduled_at, ends_at,
                        duration_minutes, max_players, signup_method, status, host_id, version, details_version, next_place,
                        created_at)
                    VALUES \(values.games)
                    """)
                try await transaction.execute(
                    """
                    INSERT INTO cards (game_id, guild_id, channel_id, wanted, shown, shown_version, message_id, fingerprint)
                    VALUES \(values.cards)
                    """)
            }
        }
    }

    private func count(_ condition: String, _ database: WatchedDatabase) async throws -> Int {
        let rows = try await database.base.read {
            try await $0.query("SELECT COUNT(*) AS number FROM cards WHERE \(condition)")
        }
        return Int(try #require(rows.first)["number", as: Int64.self])
    }

    @Test(arguments: Server.allCases)
    func `repair takes many small steps, and leaves alone the games that are over`(_ server: Server) async throws {
        try await withDatabase(server) { database in
            let records = CardRecords(database: database)
            try await records.invalidateAll()
            #expect(database.use().changed <= CardRecords.stepSize)
            #expect(try await count("shown_version = 0", database) == Self.open)
            #expect(try await records.outdated(limit: 100).count == 100)
            #expect(database.use().returned <= CardRecords.stepSize)
            let outdated = try await records.outdated(limit: 1_000_000)
            #expect(Set(outdated.map(\.game)).count == Self.open)
            #expect(database.use().returned <= CardRecords.stepSize)
            try await database.base.transaction { transaction in
                _ = try await transaction.execute("UPDATE cards SET fingerprint = 'old' WHERE shown_version = 0")
            }
            try await records.distrustOutdated()
            #expect(database.use().changed <= CardRecords.stepSize)
            #expect(try await count("fingerprint IS NULL", database) == Self.open)
        }
    }

    @Test(arguments: Server.allCases)
    func `cards of past games are settled, then removed a week later`(_ server: Server) async throws {
        try await withDatabase(server) { database in
            let records = CardRecords(database: database)
            // One of the games that are over doesn't show that yet.
            try await database.base.transaction { transaction in
                let last = String(format: "%08x-0000-4000-8000-000000000000", Self.open)
                _ = try await transaction.execute(
                    "UPDATE cards SET shown_version = 2 WHERE game_id = $1", [.text(last)])
            }
            try await records.tidy(at: Self.now)
            #expect(try await count("settled_since IS NOT NULL", database) == Self.over - 1)
            let week = CardRecords.lifeAfterGame.milliseconds
            try await records.tidy(at: Self.now + week - 1000)
            #expect(try await count("1 = 1", database) == Self.open + Self.over)
            try await records.tidy(at: Self.now + week + 1000)
            #expect(try await count("1 = 1", database) == Self.open + 1)
            #expect(database.use().changed <= CardRecords.stepSize)
            #expect(try await records.outdated(limit: 10).count == 1)
            // One that a problem keeps from showing the end isn't kept for ever.
            try await records.tidy(at: Self.now + CardRecords.lifeWithProblem.milliseconds + 1000)
            #expect(try await count("settled_since IS NOT NULL", database) == 1)
        }
    }

    @Test func `a settled card isn't looked at, and what is open is found by an index`() async throws {
        try await withDatabase(.sqlite) { database in
            let records = CardRecords(database: database)
            try await records.tidy(at: Self.now)
            _ = database.use()
            _ = try await records.outdated(limit: 10)
            for statement in database.use().statements {
                let plan = try await database.base.read {
                    try await $0.query("EXPLAIN QUERY PLAN \(statement.sql)", statement.values)
                }.map { try $0["detail", as: String.self] }
                #expect(plan.contains { $0.contains("cards_open") }, "\(plan)")
            }
        }
    }

    @Test func `the message of a past game follows its game even after its card was removed`() async throws {
        let tavern = try await LiveTavern()
        let juno = LiveTavern.user(LiveSandbox.juno)
        var game: Game?
        func isSettled(_ id: GameID) async throws -> Bool? {
            try await tavern.database.read {
                try await $0.query("SELECT settled_since FROM cards WHERE game_id = $1", [.text(id.description)])
            }.first.map { try $0["settled_since", as: Int64?.self] != nil }
        }
        try await tavern.withBot { _ in
            let made = try await tavern.announce("Long ago")
            game = made
            _ = try await tavern.games.join(made.id, by: juno)
            _ = try await tavern.sign(of: made.id, showing: "Juno")
            try await tavern.games.cancel(made.id, by: LiveTavern.user(LiveSandbox.mira))
            _ = try await tavern.sign(of: made.id, showing: "Cancelled")
            try await eventually("recorded") {
                let version = try await tavern.games.game(made.id)?.version
                return try await tavern.shownVersion(of: made.id) == version
            }
        }
        let id = try #require(game).id
        try await tavern.withBot { _ in try await eventually("settled") { try await isSettled(id) == true } }
        try await tavern.database.transaction { transaction in
            _ = try await transaction.execute("UPDATE cards SET settled_since = 1")
        }
        try await tavern.withBot { _ in
            try await eventually("removed") { try await isSettled(id) == nil }
            try await tavern.games.leave(id, by: juno)
            try await eventually("the message shows that Juno has left") {
                try await !tavern.sign(of: id).text.contains("Juno")
            }
            #expect(tavern.sandbox.signs().count == 1)
        }
        await tavern.close()
    }
}
