import API
import Core
import Fanout
import Guilds
import Scheduler
import Store
import Testing
import Web
import WebTestSupport
import Wire

struct StreamTests {
    static let updates = "/api/v1/sse/game-updates"

    @Test func `a join reaches every member's page, with its cursor and the command that caused it`() async throws {
        try await LiveSite.run { live in
            let (ada, ben) = (try await live.site.cookie(Site.ada), try await live.site.cookie(Site.ben))
            let game = try await live.site.game()
            let pages = [try await live.stream(Self.updates, ada), try await live.stream(Self.updates, ben)]
            let joined = await live.site.send(
                "POST", "/api/v1/games/\(game.id)/join", cookie: ben, headers: ["idempotency-key": "cmd-1"])
            #expect(joined.status == 200)
            let expected = """
                {"type":"game_updated","game_id":"\(game.id)","guild_id":"\(Site.tavern)","channel_id":"\(Site.lobby)",\
                "host_id":"\(Site.ada.id)","version":2,"command_id":"cmd-1"}
                """
            for page in pages {
                // The game's own event may still have been under way when the page came.
                try await page.wait("the event") { $0.messages.last?.data == expected }
                #expect(page.messages.count <= 2 && page.messages.allSatisfy { Cursor($0.id) != nil })
            }
        }
    }

    @Test func `no event of a guild reaches a page of another guild's member`() async throws {
        try await LiveSite.run { live in
            let cleo = try await live.stream(Self.updates, try await live.site.cookie(Site.cleo))
            for _ in 1...5 { _ = try await live.site.game() }
            let own = try await live.site.games.create(
                GameForm(
                    guildID: Site.hall.description, channelID: Site.hallLobby.description, title: "Own",
                    scheduledAt: RFC3339.text(live.site.now + 60_000)), by: Site.cleo.id)
            try await cleo.wait("the hall's event") { !$0.messages.isEmpty }
            #expect(cleo.messages.count == 1 && cleo.messages[0].data.contains(own.id.description))
        }
    }

    /// The tavern's den, which only those see to whom it is opened.
    private func den(openTo users: User...) -> Channel {
        Channel(
            id: ChannelID(9002), guildID: Site.tavern, name: "den",
            overwrites: [PermissionOverwrite(.role(RoleID(Site.tavern.number)), deny: .viewChannel)]
                + users.map { PermissionOverwrite(.member($0.id), allow: .viewChannel) })
    }

    @Test func `of games in channels that they don't see members aren't told, not even that there are any`()
        async throws
    {
        try await LiveSite.run { live in
            let (site, dora) = (live.site, User(id: UserID(13), username: "dora"))
            try await site.directory.upsert(den(openTo: Site.bot, dora))
            for user in [dora, User(id: UserID(14), username: "emil")] {
                try await site.directory.upsert(Member(guildID: Site.tavern, user: user))
            }
            let cookie = try await site.cookie(Site.ben)
            let ada = try await live.stream(Self.updates, try await site.cookie(Site.ada))
            let topic = "/api/v1/stream?topics=guild/\(Site.tavern)"
            let pages = [try await live.stream(Self.updates, cookie), try await live.stream(topic, cookie)]
            func hidden(_ title: String) async throws -> Game {
                try await site.games.create(
                    GameForm(
                        guildID: Site.tavern.description, channelID: "9002", title: title,
                        scheduledAt: RFC3339.text(site.now + 3_600_000)), by: dora.id)
            }
            let hers = try await live.stream(Self.updates, try await site.cookie(dora))
            let first = try await hidden("Unseen")
            let open = try await site.game()
            try await ada.wait("both") { $0.messages.count >= 2 }
            #expect(ada.messages.contains { $0.data.contains(first.id.description) }, "the owner may know of all")
            for page in pages {
                try await page.wait("the open game") { $0.messages.contains { $0.data.contains(open.id.description) } }
                #expect(!page.messages.contains { $0.data.contains(first.id.description) })
            }
            // The channel is opened to Ben, and closed to Dora, who still hears of her own games.
            try await site.directory.upsert(den(openTo: Site.bot, Site.ben))
            try await site.games.cancel(first.id, by: Site.ada.id)
            for page in pages + [hers] {
                try await page.wait("the event in the den") {
                    $0.messages.last?.data.contains(#""game_cancelled","game_id":"\#(first.id)""#) == true
                }
            }
            // Closed again: no event from then on, nor when the stream resumes from before.
            let cursor = try #require(pages[0].messages.last?.id)
            try await site.directory.upsert(den(openTo: Site.bot, dora))
            let last = try await hidden("Unseen again")
            let end = try await site.game()
            let resumed = try await live.stream(Self.updates, cookie, after: cursor)
            for page in pages + [resumed] {
                try await page.wait("the end") { $0.messages.last?.data.contains(end.id.description) == true }
                #expect(!page.messages.contains { $0.data.contains(last.id.description) })
            }
        }
    }

    @Test func `a member who manages the guild is told of all its games, as long as they do`() async throws {
        try await LiveSite.run { live in
            let site = live.site
            let role = Role(id: RoleID(501), guildID: Site.tavern, name: "managers", permissions: .manageGuild)
            try await site.directory.upsert(role)
            try await site.directory.upsert(den(openTo: Site.bot))
            let game = try await site.game()
            let ben = try await live.stream(Self.updates, try await site.cookie(Site.ben))
            func move(_ text: String, by roles: Set<RoleID>) async throws {
                try await site.directory.upsert(Member(guildID: Site.tavern, user: Site.ben, roles: roles))
                try await site.database.transaction { transaction in
                    let payload =
                        #"{"type":"game_updated","game_id":"\#(game.id)","guild_id":"\#(Site.tavern)","channel_id":"9002","#
                        + #""host_id":"\#(Site.ada.id)","version":2,"text":"\#(text)"}"#
                    _ = try await transaction.append(
                        EventDraft(topic: "guild/\(Site.tavern)", kind: "game.updated", payload: payload))
                }
            }
            try await move("before", by: [])
            try await move("as a manager", by: [role.id])
            try await ben.wait("what managers are told") { $0.messages.last?.data.contains("as a manager") == true }
            try await move("after", by: [])
            let end = try await site.game()
            try await ben.wait("the end") { $0.messages.last?.data.contains(end.id.description) == true }
            let texts = ben.messages.compactMap { $0.data.split(separator: #""text":""#).dropFirst().first }
            #expect(texts == [#"as a manager"}"#])
        }
    }

    @Test func `a member who is removed is notified and receives none of the guild's events from then on`() async throws
    {
        try await LiveSite.run { live in
            let ben = try await live.stream(Self.updates, try await live.site.cookie(Site.ben))
            let ada = try await live.stream(Self.updates, try await live.site.cookie(Site.ada))
            _ = try await live.site.game()
            try await live.site.directory.remove(Site.ben.id, from: Site.tavern)
            for _ in 1...5 { _ = try await live.site.game() }
            try await ada.wait("all events") { $0.messages.count == 6 }
            try await ben.wait("the revocation") { !$0.named("revoked").isEmpty }
            #expect(ben.named("revoked").map(\.data) == [#"{"topic":"guild/\#(Site.tavern)"}"#])
            #expect(ben.messages.count == 1)
            try await live.site.directory.upsert(Member(guildID: Site.tavern, user: Site.ben))
            try await ben.wait("being let in again") { !$0.named("granted").isEmpty }
            _ = try await live.site.game()
            try await ben.wait("the next event") { $0.messages.count == 2 }
        }
    }

    @Test func `a page that reconnects receives what it missed, once`() async throws {
        try await LiveSite.run { live in
            let cookie = try await live.site.cookie(Site.ben)
            let before = try await live.stream(Self.updates, cookie)
            _ = try await live.site.game()
            try await before.wait("the first event") { $0.messages.count == 1 }
            for _ in 1...20 { _ = try await live.site.game() }
            for target in [Self.updates, Self.updates + "?cursor=\(before.messages[0].id)"] {
                let after = try await live.stream(
                    target, cookie, after: target.contains("?") ? nil : before.messages[0].id)
                try await after.wait("what it missed") { $0.messages.count >= 20 }
                _ = try await live.site.directory.user(Site.ben.id)
                #expect(after.messages.count == 20)
                #expect(Set(after.messages.map(\.id)).count == 20)
            }
            let foreign = try await live.stream(Self.updates, cookie, after: "0000-5")
            try await foreign.wait("reset") { !$0.named("reset").isEmpty }
        }
    }

    @Test func `signing out closes the session's streams and no other's`() async throws {
        try await LiveSite.run { live in
            let (one, two) = (try await live.site.cookie(Site.ben), try await live.site.cookie(Site.ben))
            let ending = try await live.stream(Self.updates, one)
            let staying = try await live.stream(Self.updates, two)
            #expect(await live.site.send("POST", "/api/v1/auth/logout", cookie: one).status == 204)
            try await ending.wait("its end") { $0.isClosed }
            #expect(ending.named("bye").first?.data.contains("signed_out") == true)
            _ = try await live.site.game()
            try await staying.wait("an event") { !$0.messages.isEmpty }
            let refused = try await live.stream(Self.updates, one)
            #expect(refused.status == 401)
        }
    }

    @Test func `a session that has reached its end closes its streams when they are asked about`() async throws {
        try await LiveSite.run { live in
            let page = try await live.stream(Self.updates, try await live.site.cookie(Site.ben))
            live.site.advance(.seconds(31 * 86_400))
            // After so long a silence, Ben's next sign of life on Discord has his streams asked about.
            try await live.site.directory.upsert(Member(guildID: Site.tavern, user: Site.ben))
            try await page.wait("its end") { $0.isClosed }
            #expect(page.named("bye").first?.data.contains("signed_out") == true)
        }
    }

    @Test func `of the topics asked for, those that the user may see are served`() async throws {
        try await LiveSite.run { live in
            let ben = try await live.site.cookie(Site.ben)
            let (own, other) = ("guild/\(Site.tavern)", "guild/\(Site.hall)")
            let stream = try await live.stream("/api/v1/stream?topics=\(own),\(other)", ben)
            _ = try await live.site.games.create(
                GameForm(
                    guildID: Site.hall.description, channelID: Site.hallLobby.description, title: "Other",
                    scheduledAt: RFC3339.text(live.site.now + 60_000)), by: Site.cleo.id)
            let game = try await live.site.game()
            try await stream.wait("its event") { !$0.messages.isEmpty }
            #expect(stream.messages.count == 1 && stream.messages[0].data.contains(game.id.description))
            for (query, status) in [
                ("topics=\(other)", 404), ("topics=user/11", 404), ("topics=nonsense", 404), ("topics=", 422),
                ("", 200), ("x=%ff", 400), ("topics=a%20b", 422), ("topics=" + String(repeating: "a,", count: 51), 422),
            ] {
                #expect(try await live.stream("/api/v1/stream?\(query)", ben).status == status, "\(query)")
            }
            #expect(try await live.stream(Self.updates, "tandem_session=x").status == 401)
        }
    }

    @Test func `a signed event reaches the streams of its topic`() async throws {
        try await LiveSite.run { live in
            let stream = try await live.stream(Self.updates, try await live.site.cookie(Site.ben))
            let body = #"{"topic":"guild/\#(Site.tavern)","kind":"poll.opened","payload":{"poll":7}}"#
            let headers = PublishTests().headers(body, at: live.site.now / 1000)
            #expect(await live.site.send("POST", "/internal/v1/events", json: body, headers: headers).status == 202)
            try await stream.wait("the event") { !$0.messages.isEmpty }
            #expect(stream.messages.map(\.data) == [#"{"poll":7}"#])
        }
    }

    @Test func `a hundred streams all get each of fifty events, in order`() async throws {
        var configuration = HubConfiguration()
        configuration.streamsPerPrincipal = 0
        try await LiveSite.run(hub: configuration) { live in
            let cookie = try await live.site.cookie(Site.ben)
            var streams: [StreamClient] = []
            for _ in 1...100 { streams.append(try await live.stream(Self.updates, cookie)) }
            let game = try await live.site.game()
            for _ in 1...25 {
                _ = try await live.site.games.join(game.id, by: Site.ben.id)
                try await live.site.games.leave(game.id, by: Site.ben.id)
            }
            for stream in streams {
                try await stream.wait("all events") { $0.messages.count == 51 }
                let numbers = stream.messages.compactMap { Cursor($0.id)?.number }
                #expect(numbers == numbers.sorted() && Set(numbers).count == 51)
            }
        }
    }

    @Test func `streams beyond the rate are told when to come again`() async throws {
        var configuration = HubConfiguration()
        configuration.admissionsPerSecond = 2
        try await LiveSite.run(hub: configuration) { live in
            let ada = try await live.site.cookie(Site.ada)
            var refused: StreamClient?
            for _ in 0..<10 where refused == nil {
                let client = try await live.stream(Self.updates, ada)
                if client.status == 503 { refused = client }
            }
            let client = try #require(refused)
            #expect(client.text.contains(#""code":"too_many_new_streams""#))
            #expect(client.header("retry-after").flatMap { Int($0) }.map { (1...30).contains($0) } == true)
        }
    }

    @Test func `what is refused for another reason takes nobody's place`() async throws {
        var configuration = HubConfiguration()
        configuration.admissionsPerSecond = 2
        try await LiveSite.run(hub: configuration) { live in
            let (ada, ben) = (try await live.site.cookie(Site.ada), try await live.site.cookie(Site.ben))
            for _ in 1...50 {
                #expect(try await live.stream("/api/v1/stream?topics=guild/\(Site.hall)", ada).status == 404)
            }
            #expect(try await live.stream(Self.updates, ben).status == 200)
        }
    }

    @Test func `one user opens only so many streams, and others are not held up`() async throws {
        try await LiveSite.run(streamBurst: 3) { live in
            let (ada, ben) = (try await live.site.cookie(Site.ada), try await live.site.cookie(Site.ben))
            var refused: StreamClient?
            // As many as come back in the meantime may be opened besides.
            for _ in 0..<1000 where refused == nil {
                let client = try await live.stream("/api/v1/stream?topics=guild/\(Site.hall)", ada)
                if client.status != 404 { refused = client }
            }
            let client = try #require(refused)
            #expect(client.status == 429 && client.text.contains(#""code":"too_many_requests""#))
            #expect(client.header("retry-after") == "1")
            #expect(try await live.stream(Self.updates, ben).status == 200)
        }
    }

    @Test func `one user's streams read only so much of the log, and are told to fetch everything anew`() async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = 1
        try await LiveSite.run(hub: configuration, replayBurst: 20) { live in
            let (ada, ben) = (try await live.site.cookie(Site.ada), try await live.site.cookie(Site.ben))
            let first = try await live.stream(Self.updates, ada)
            let cursor = first.cursor
            for _ in 1...4 { _ = try await live.site.game() }
            try await first.wait("the events") { $0.messages.count == 4 }
            var again = try await live.stream(Self.updates, ada, after: cursor)
            try await again.wait("the replay") { $0.messages.count == 4 }
            for _ in 0..<10 where again.named("reset").isEmpty {
                again = try await live.stream(Self.updates, ada, after: cursor)
                try await again.wait("an answer") { $0.messages.count == 4 || !$0.named("reset").isEmpty }
            }
            #expect(again.named("reset").first?.data.contains("too_far_behind") == true)
            // It's live, and so are others; what memory holds costs nothing.
            let other = try await live.stream(Self.updates, ben, after: cursor)
            try await other.wait("the replay") { $0.messages.count == 4 }
            _ = try await live.site.game()
            try await again.wait("the next event") { $0.messages.count == 1 }
        }
    }
}
