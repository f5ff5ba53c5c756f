import Guilds
import Scheduler
import Store
import Testing

struct PersonalDataTests {
    @Test func `what a user has left in games is told to them, and goes when they ask for it`() async throws {
        let tavern = try await Tavern()
        let (past, open) = (try await tavern.create("Past"), try await tavern.create("Open"))
        let others = try await tavern.create("Others", seats: 1, by: Tavern.player)
        try await tavern.games.cancel(past.id, by: Tavern.host)
        let command = Command(key: "k", fingerprint: "f")
        _ = try await tavern.games.join(others.id, by: Tavern.host, command: command)
        for game in [others, open] { _ = try await tavern.games.join(game.id, by: Tavern.player) }
        let told = try await tavern.games.personalData(of: Tavern.host)
        #expect(Set(told.hosted.map(\.title)) == ["Past", "Open"])
        #expect(told.signups.map(\.game) == [others.id] && told.signups.map(\.title) == ["Others"])
        _ = try await tavern.events()

        // Repeated, it changes nothing.
        for _ in 1...2 { try await tavern.games.forget(Tavern.host) }
        #expect(try await tavern.events().map(\.kind).sorted() == ["game.cancelled", "game.updated", "game.updated"])
        let seats = try await tavern.games.game(others.id, for: Tavern.player)
        #expect(seats.title == "Others" && seats.confirmed.map(\.userID) == [Tavern.player] && seats.waiting.isEmpty)
        for id in [past.id, open.id] {
            let game = try await tavern.games.game(id, for: Tavern.player)
            #expect(game.status == .cancelled && game.host.id == UserID(1) && game.host.name == "Unknown member")
            #expect(!["Past", "Open"].contains(game.title) && game.description == "" && game.version > 1)
        }
        #expect(try await tavern.games.game(open.id, for: Tavern.player).participants.map(\.userID) == [Tavern.player])
        let after = try await tavern.games.personalData(of: Tavern.host)
        #expect(after.hosted.isEmpty && after.signups.isEmpty)
        let rows = try await tavern.database.read { reading in
            try await reading.query("SELECT * FROM commands WHERE user_id = $1", [.integer(Tavern.host.number)])
        }
        #expect(rows.isEmpty)
        // Who comes back begins anew.
        _ = try await tavern.games.join(others.id, by: Tavern.host, command: command)
        #expect(try await tavern.games.game(others.id, for: Tavern.player).waiting.map(\.userID) == [Tavern.host])
    }
}
