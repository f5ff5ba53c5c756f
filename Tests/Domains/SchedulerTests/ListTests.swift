import Guilds
import Scheduler
import Testing

struct ListTests {
    @Test func `pages follow each other without gap or repetition`() async throws {
        let tavern = try await Tavern()
        for index in 0..<25 { _ = try await tavern.create("game \(index)", in: .seconds(60 * (1 + index % 5))) }
        var filter = GameFilter(limit: 7)
        var all: [Game] = []
        var pages = 0
        repeat {
            let page = try await tavern.games.games(filter, for: Tavern.player)
            all += page.games
            filter.after = page.next
            pages += 1
        } while filter.after != nil
        #expect(pages == 4 && all.count == 25 && Set(all.map(\.id)).count == 25)
        #expect(all.map(\.scheduledAt) == all.map(\.scheduledAt).sorted(by: >), "the latest first")
        filter.statuses = [.scheduled]
        filter.limit = 100
        let coming = try await tavern.games.games(filter, for: Tavern.player).games
        #expect(coming.map(\.scheduledAt) == all.map(\.scheduledAt).sorted(), "the soonest first")
        filter.limit = 20
        let first = try await tavern.games.games(filter, for: Tavern.player)
        filter.after = first.next
        #expect(try await first.games + tavern.games.games(filter, for: Tavern.player).games == coming)
        let cursor = try #require(try await tavern.games.games(GameFilter(limit: 3), for: Tavern.player).next)
        #expect(GameCursor(cursor.description) == cursor)
        for text in ["", "_", "1_x", "x_\(all[0].id)", "01_\(all[0].id)", "\(cursor)_"] {
            #expect(GameCursor(text) == nil)
        }
    }

    @Test func `filters narrow the list`() async throws {
        let tavern = try await Tavern()
        let one = try await tavern.create("one", in: .seconds(60))
        let two = try await tavern.create("two", in: .seconds(120), by: Tavern.player)
        let den = try await tavern.create("den", channel: Tavern.den, in: .seconds(180), by: Tavern.insider)
        _ = try await tavern.games.join(two.id, by: Tavern.insider)
        try await tavern.games.cancel(one.id, by: Tavern.host)
        func titles(_ filter: GameFilter, _ user: UserID = Tavern.insider) async throws -> [String] {
            try await tavern.games.games(filter, for: user).games.map(\.title)
        }
        #expect(try await titles(GameFilter()) == ["den", "two", "one"])
        #expect(try await titles(GameFilter(guildID: Tavern.guild)) == ["den", "two", "one"])
        #expect(try await titles(GameFilter(channelID: den.channelID)) == ["den"])
        #expect(try await titles(GameFilter(statuses: [.scheduled])) == ["two", "den"])
        #expect(try await titles(GameFilter(statuses: [.scheduled, .cancelled])) == ["den", "two", "one"])
        #expect(try await titles(GameFilter(role: .host)) == ["den"])
        #expect(try await titles(GameFilter(role: .participant)) == ["two"])
        #expect(try await titles(GameFilter(statuses: [.cancelled], role: .host), Tavern.host) == ["one"])
    }

    @Test func `nobody lists games of a guild they are not in`() async throws {
        let tavern = try await Tavern()
        _ = try await tavern.create()
        #expect(try await tavern.games.games(GameFilter(), for: Tavern.stranger).games == [])
        for guild in [Tavern.guild, GuildID(5)] {
            await #expect(throws: SchedulerError.guildNotFound) {
                try await tavern.games.games(GameFilter(guildID: guild), for: Tavern.stranger)
            }
        }
        #expect(try await tavern.games.games(GameFilter(), for: UserID(404)).games == [])
    }
}
