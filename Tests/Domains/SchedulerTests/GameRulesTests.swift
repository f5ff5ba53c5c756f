import Foundation
import Guilds
import Scheduler
import Store
import Testing

struct GameRulesTests {
    @Test func `a new game has its defaults, is published once, and is there for its readers`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create("  Dragon hunt ")
        #expect(game.title == "Dragon hunt" && game.description == "" && game.place == "")
        #expect(game.maxPlayers == 10 && game.durationMinutes == 60 && game.signupMethod == .selfSignup)
        #expect(game.status == .scheduled && game.messageID == nil && game.version == 1)
        #expect(game.host.id == Tavern.host && game.host.name == "hanna" && game.participants.isEmpty)
        #expect(try await tavern.games.game(game.id, for: Tavern.player) == game)
        let events = try await tavern.events()
        #expect(events.map(\.kind) == ["game.created"] && events.first?.topic == "guild/\(Tavern.guild)")
        #expect(
            events.first?.payload
                == #"{"type":"game_created","game_id":"\#(game.id)","guild_id":"\#(Tavern.guild)",\#(Tavern.place),"version":1}"#
        )
    }

    @Test func `a timed-out member may look and leave, and change nothing else until the timeout is over`() async throws
    {
        let tavern = try await Tavern()
        let game = try await tavern.create(by: Tavern.player)
        let other = try await tavern.create(by: Tavern.host)
        for id in [game.id, other.id] { _ = try await tavern.games.join(id, by: Tavern.player) }
        let before = Command(key: "before", fingerprint: "join")
        let joined = try await tavern.games.join(other.id, by: Tavern.player, command: before)
        let end = tavern.now + 600_000
        try await tavern.timeOut(Tavern.player, "paul", until: end)
        _ = try await tavern.events()
        let refusal = SchedulerError.timedOut(until: end)
        #expect(refusal.code == "member_timed_out" && refusal.message.contains("until 2027-01-15 08:10 UTC"))
        await #expect(throws: refusal) { try await tavern.games.join(other.id, by: Tavern.player) }
        await #expect(throws: refusal) { try await tavern.create(by: Tavern.player) }
        await #expect(throws: refusal) {
            try await tavern.games.edit(game.id, GameForm(title: "New", version: game.version), by: Tavern.player)
        }
        await #expect(throws: refusal) { try await tavern.games.cancel(game.id, by: Tavern.player) }
        #expect(try await tavern.events() == [])
        // What was done before is answered as it was.
        #expect(try await tavern.games.join(other.id, by: Tavern.player, command: before) == joined)
        #expect(try await tavern.games.game(other.id, for: Tavern.player).participants.count == 1)
        #expect(try await tavern.games.games(GameFilter(guildID: Tavern.guild), for: Tavern.player).games.count == 2)
        try await tavern.games.leave(other.id, by: Tavern.player)
        #expect(try await tavern.games.game(other.id, for: Tavern.player).participants == [])
        // Nobody tells when it ends.
        try await tavern.advance(.seconds(600))
        #expect(try await tavern.games.join(other.id, by: Tavern.player).participant.state == .confirmed)
    }

    @Test func `administrators and owners take part whatever a timeout says`() async throws {
        let tavern = try await Tavern()
        let owner = UserID(1)
        try await tavern.timeOut(owner, "olga", until: tavern.now + 600_000)
        let admins = RoleID(502)
        try await tavern.directory.upsert(
            Role(id: admins, guildID: Tavern.guild, name: "admins", permissions: .administrator))
        try await tavern.timeOut(Tavern.manager, "mona", roles: [admins], until: tavern.now + 600_000)
        for user in [owner, Tavern.manager] {
            let game = try await tavern.create(by: user)
            #expect(try await tavern.games.join(game.id, by: user).participant.state == .confirmed)
        }
    }

    @Test func `the JSON has exactly the documented fields`() async throws {
        let tavern = try await Tavern()
        let made = try await tavern.create()
        _ = try await tavern.games.join(made.id, by: Tavern.player)
        let game = try await tavern.games.game(made.id, for: Tavern.host)
        let object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(game)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "id", "guild_id", "channel_id", "message_id", "title", "description", "where", "scheduled_at",
                "duration_minutes", "max_players", "signup_method", "status", "host", "participants", "version",
            ])
        #expect(object["guild_id"] as? String == Tavern.guild.description)
        #expect(object["message_id"] is NSNull)
        #expect(object["scheduled_at"] as? String == RFC3339.text(game.scheduledAt))
        #expect(object["signup_method"] as? String == "self_signup")
        let host = try #require(object["host"] as? [String: Any])
        #expect(Set(host.keys) == ["id", "name"])
        let participant = try #require((object["participants"] as? [[String: Any]])?.first)
        #expect(Set(participant.keys) == ["user_id", "display_name", "joined_at", "state"])
        #expect(participant["state"] as? String == "confirmed")
        #expect(try JSONDecoder().decode(Game.self, from: JSONEncoder().encode(game)) == game)
    }

    @Test func `all faults of a form are reported together`() async throws {
        let tavern = try await Tavern()
        let form = GameForm(
            guildID: "x", channelID: nil, title: " ", description: String(repeating: "d", count: 2001),
            place: String(repeating: "p", count: 501), scheduledAt: "tomorrow", durationMinutes: 0, maxPlayers: 101,
            signupMethod: "lottery")
        let error = await #expect(throws: SchedulerError.self) { try await tavern.games.create(form, by: Tavern.host) }
        #expect(
            error?.faults.map(\.field) == [
                "guild_id", "channel_id", "title", "scheduled_at", "description", "where", "duration_minutes",
                "max_players", "signup_method",
            ])
        #expect(error?.code == "invalid_game")
        #expect(try await tavern.events().isEmpty)
        let empty = await #expect(throws: SchedulerError.self) {
            try await tavern.games.create(GameForm(), by: Tavern.host)
        }
        #expect(empty?.faults.map(\.field) == ["guild_id", "channel_id", "title", "scheduled_at"])
    }

    @Test(arguments: [
        (GameForm(title: String(repeating: "t", count: 201)), "title"), (GameForm(title: "a\u{0}b"), "title"),
        (GameForm(title: "a\nb"), "title"), (GameForm(description: "a\u{7}b"), "description"),
        (GameForm(scheduledAt: "2026-01-01T00:00:00Z"), "scheduled_at"),
        (GameForm(scheduledAt: "2031-01-01T00:00:00Z"), "scheduled_at"), (GameForm(maxPlayers: 0), "max_players"),
        (GameForm(durationMinutes: 10_081), "duration_minutes"), (GameForm(guildID: "5"), "guild_id"),
        (GameForm(channelID: "5"), "channel_id"),
    ])
    func `a single fault is reported for its field`(_ form: GameForm, _ field: String) async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create()
        var form = form
        form.version = 1
        let error = await #expect(throws: SchedulerError.self) {
            try await tavern.games.edit(game.id, form, by: Tavern.host)
        }
        #expect(error?.faults.map(\.field) == [field])
    }

    @Test func `the limits themselves are allowed`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create()
        let form = GameForm(
            title: String(repeating: "é", count: 200), description: String(repeating: "\n", count: 10) + "d",
            place: String(repeating: "p", count: 500), durationMinutes: 10_080, maxPlayers: 100, version: 1)
        let edited = try await tavern.games.edit(game.id, form, by: Tavern.host)
        #expect(edited.maxPlayers == 100 && edited.durationMinutes == 10_080 && edited.version == 2)
    }

    @Test func `the channel must be one that the user and the bot can use`() async throws {
        let tavern = try await Tavern()
        for channel in [Tavern.den, Tavern.voice, Tavern.hallLobby, ChannelID(1)] {
            let error = await #expect(throws: SchedulerError.self) { try await tavern.create(channel: channel) }
            #expect(error?.code == "invalid_channel_id" && error?.faults.map(\.field) == ["channel_id"])
        }
        await #expect(
            throws: SchedulerError.botCannotPost(channel: "mute", missing: ["Send Messages", "Embed Links"])
        ) { try await tavern.create(channel: Tavern.mute) }
        #expect(try await tavern.create(channel: Tavern.den, by: Tavern.insider).channelID == Tavern.den)
        await #expect(throws: SchedulerError.guildNotFound) { try await tavern.create(by: Tavern.stranger) }
    }

    @Test func `only the host and managers change and cancel; others learn why not, strangers nothing`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create()
        let form = GameForm(title: "New", version: 1)
        await #expect(throws: SchedulerError.notGameManager) {
            try await tavern.games.edit(game.id, form, by: Tavern.player)
        }
        await #expect(throws: SchedulerError.notGameManager) {
            try await tavern.games.cancel(game.id, by: Tavern.player)
        }
        for user in [Tavern.stranger, UserID(404)] {
            await #expect(throws: SchedulerError.gameNotFound) { try await tavern.games.game(game.id, for: user) }
            await #expect(throws: SchedulerError.gameNotFound) { try await tavern.games.edit(game.id, form, by: user) }
            await #expect(throws: SchedulerError.gameNotFound) { try await tavern.games.cancel(game.id, by: user) }
            await #expect(throws: SchedulerError.gameNotFound) { try await tavern.games.join(game.id, by: user) }
            await #expect(throws: SchedulerError.gameNotFound) { try await tavern.games.leave(game.id, by: user) }
        }
        #expect(try await tavern.games.edit(game.id, form, by: Tavern.manager).title == "New")
        #expect(try await tavern.games.cancel(game.id, by: Tavern.host).status == .cancelled)
    }

    @Test func `a game in a hidden channel is hidden, except from managers`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create(channel: Tavern.den, by: Tavern.insider)
        await #expect(throws: SchedulerError.gameNotFound) { try await tavern.games.join(game.id, by: Tavern.player) }
        #expect(try await tavern.games.games(GameFilter(), for: Tavern.player).games == [])
        #expect(try await tavern.games.games(GameFilter(), for: Tavern.manager).games == [game])
        #expect(try await tavern.games.games(GameFilter(), for: Tavern.insider).games == [game])
        try await tavern.directory.remove(Tavern.den, from: Tavern.guild)
        await #expect(throws: SchedulerError.gameNotFound) { try await tavern.games.game(game.id, for: UserID(12)) }
        #expect(try await tavern.games.game(game.id, for: Tavern.insider).id == game.id, "its host still finds it")
    }

    @Test func `an edit needs the version of the last edit or a later one`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create()
        _ = try await tavern.games.join(game.id, by: Tavern.player)
        // Somebody signed up meanwhile: that is not a conflict.
        let edited = try await tavern.games.edit(game.id, GameForm(title: "One", version: 1), by: Tavern.host)
        #expect(edited.version == 3)
        for version in [Int64(1), 2, 4, -1] {
            await #expect(throws: SchedulerError.versionConflict(current: 3)) {
                try await tavern.games.edit(game.id, GameForm(title: "Two", version: version), by: Tavern.manager)
            }
        }
        let missing = await #expect(throws: SchedulerError.self) {
            try await tavern.games.edit(game.id, GameForm(title: "Two"), by: Tavern.host)
        }
        #expect(missing?.faults.map(\.field) == ["version"])
        _ = try await tavern.events()
        #expect(try await tavern.games.edit(game.id, GameForm(title: "One", version: 3), by: Tavern.host).version == 3)
        #expect(try await tavern.events().isEmpty, "nothing changed")
    }

    @Test func `a time that stays as it is may lie in the past of the editor's clock`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create(in: .seconds(10))
        try await tavern.advance(.seconds(11))
        let form = GameForm(title: "Late", scheduledAt: RFC3339.text(game.scheduledAt), version: 1)
        #expect(try await tavern.games.edit(game.id, form, by: Tavern.host).title == "Late")
    }

    @Test func `cancelling twice is cancelling once, and nobody joins or edits afterwards`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create()
        _ = try await tavern.events()
        for _ in 1...2 { try await tavern.games.cancel(game.id, by: Tavern.host) }
        #expect(try await tavern.events().map(\.kind) == ["game.cancelled"])
        await #expect(throws: SchedulerError.notOpen(.cancelled)) {
            try await tavern.games.join(game.id, by: Tavern.player)
        }
        await #expect(throws: SchedulerError.notEditable(.cancelled)) {
            try await tavern.games.edit(game.id, GameForm(title: "x", version: 2), by: Tavern.host)
        }
    }

    @Test func `the first message to be recorded is the card`() async throws {
        let tavern = try await Tavern()
        let game = try await tavern.create()
        _ = try await tavern.events()
        #expect(try await tavern.games.recordCard(MessageID(5), of: game.id, replacing: nil) == 2)
        #expect(try await tavern.games.recordCard(MessageID(6), of: game.id, replacing: nil) == nil)
        #expect(try await tavern.games.game(withCard: MessageID(5))?.id == game.id)
        #expect(try await tavern.events().map(\.kind) == ["game.updated"])
        #expect(try await tavern.games.recordCard(nil, of: game.id, replacing: MessageID(5)) == 3)
        #expect(try await tavern.games.game(game.id)?.messageID == nil)
        #expect(try await tavern.games.openGames(of: Tavern.guild).games.map(\.id) == [game.id])
    }
}
