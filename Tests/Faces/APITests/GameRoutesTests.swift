import API
import Core
import FoundationEssentials
import Guilds
import Scheduler
import Synchronization
import Testing
import Web
import Wire

struct GameRoutesTests {
    @Test func `games are made, read, changed, joined, left and cancelled`() async throws {
        let site = try await Site()
        let (ada, ben) = (try await site.cookie(Site.ada), try await site.cookie(Site.ben))
        let made = await site.send(
            "POST", "/api/v1/games", cookie: ada, json: site.gameJSON(#","where":"Table 3","max_players":1"#))
        #expect(made.status == 201)
        let game: Game = try made.decoded()
        #expect(game.place == "Table 3" && game.maxPlayers == 1 && game.host.name == "Ada")
        let path = "/api/v1/games/\(game.id)"
        let read = await site.send("GET", path, cookie: ben)
        #expect(read.status == 200 && read.text == made.text)
        let joined = await site.send("POST", path + "/join", cookie: ben)
        let again = await site.send("POST", path + "/join", cookie: ben)
        #expect(joined.status == 200 && joined.text == again.text)
        #expect(
            joined.text
                == #"{"display_name":"ben","joined_at":"2027-01-15T08:00:00Z","state":"confirmed","user_id":"12"}"#)
        #expect(try await site.send("POST", path + "/join", cookie: ada).decoded(Participant.self).state == .waiting)
        let changed = await site.send("PUT", path, cookie: ada, json: #"{"title":"New","version":1}"#)
        #expect(changed.status == 200)
        #expect(try changed.decoded(Game.self).title == "New")
        #expect(await site.send("POST", path + "/leave", cookie: ben).status == 204)
        #expect(await site.send("POST", path + "/leave", cookie: ben).status == 204)
        for _ in 1...2 { #expect(await site.send("DELETE", path, cookie: ada).status == 204) }
        let after: Game = try await site.send("GET", path, cookie: ben).decoded()
        #expect(after.status == .cancelled && after.participants.map(\.userID) == [Site.ada.id])
    }

    @Test func `people who plan more games than they may are told which limit it is and when to come again`()
        async throws
    {
        var limits = GameLimits.none
        (limits.newPerPerson, limits.openPerPerson) = (2, 3)
        let site = try await Site(limits: limits)
        let ada = try await site.cookie(Site.ada)
        let json = site.gameJSON()
        func plan(_ key: String? = nil) async -> Response {
            await site.send(
                "POST", "/api/v1/games", cookie: ada, json: json,
                headers: key.map { ["idempotency-key": $0] } ?? [:])
        }
        #expect(await plan("first").status == 201)
        site.advance(.seconds(90))
        #expect(await plan().status == 201)
        let soon = await plan()
        #expect(soon.status == 429 && soon.code == "too_many_new_games" && soon.headers["retry-after"] == "510")
        #expect(soon.text.contains("2 games within ten minutes. You can plan the next one in 9 minutes."))
        // What was planned before is answered as it was.
        #expect(await plan("first").status == 201)
        site.advance(.seconds(510))
        try await site.directory.gatewayConfirmed(session: "s", at: site.now)
        #expect(await plan().status == 201)
        site.advance(.seconds(600))
        try await site.directory.gatewayConfirmed(session: "s", at: site.now)
        let full = await plan()
        #expect(full.status == 409 && full.code == "too_many_open_games" && full.headers["retry-after"] == nil)
    }

    @Test func `games are listed in pages`() async throws {
        struct Page: Decodable {
            let games: [Game]
            let next: String?
        }
        let site = try await Site()
        for _ in 1...3 { _ = try await site.game() }
        let ben = try await site.cookie(Site.ben)
        let base = "/api/v1/games?guild_id=\(Site.tavern)&status=scheduled,in_progress&limit=2"
        let first = await site.send("GET", base, cookie: ben)
        let page: Page = try first.decoded()
        let next = try #require(page.next)
        let last = await site.send("GET", base + "&after=\(next)", cookie: ben)
        #expect(page.games.count == 2 && last.text.hasSuffix(#""next":null}"#))
        #expect(try last.decoded(Page.self).games.count == 1)
        #expect(try await site.send("GET", "/api/v1/games?role=host", cookie: ben).decoded(Page.self).games.isEmpty)
    }

    @Test func `games are hidden from users outside their guild`() async throws {
        let site = try await Site()
        let game = try await site.game()
        let cleo = try await site.cookie(Site.cleo)
        let path = "/api/v1/games/\(game.id)"
        for (method, target, body) in [
            ("GET", path, nil), ("PUT", path, #"{"title":"x","version":1}"#), ("DELETE", path, nil),
            ("POST", path + "/join", nil), ("POST", path + "/leave", nil), ("GET", "/api/v1/games/nonsense", nil),
            ("GET", "/api/v1/games/\(GameID.random())", nil),
        ] {
            let response = await site.send(method, target, cookie: cleo, json: body)
            #expect(response.status == 404 && response.code == "game_not_found", "\(method) \(target)")
        }
        let guild = "/api/v1/guilds/\(Site.tavern)"
        for target in [
            guild, guild + "/channels", guild + "/roles", "/api/v1/guilds/x", "/api/v1/guilds/1/channels",
            "/api/v1/games?guild_id=\(Site.tavern)",
        ] {
            let response = await site.send("GET", target, cookie: cleo)
            #expect(response.status == 404 && response.code == "guild_not_found", "\(target)")
        }
        let made = await site.send("POST", "/api/v1/games", cookie: cleo, json: site.gameJSON())
        #expect(made.status == 404 && made.code == "guild_not_found")
        // A channel of one guild doesn't come with another.
        let mixed = await site.send(
            "POST", "/api/v1/games", cookie: cleo, json: site.gameJSON(guild: Site.hall, channel: Site.lobby))
        #expect(mixed.status == 422 && mixed.code == "invalid_channel_id")
    }

    @Test func `every route needs a session`() async throws {
        let site = try await Site()
        let game = try await site.game()
        for (method, target) in [
            ("GET", "/api/v1/auth/user"), ("POST", "/api/v1/auth/refresh"), ("GET", "/api/v1/guilds"),
            ("GET", "/api/v1/guilds/\(Site.tavern)"), ("GET", "/api/v1/guilds/\(Site.tavern)/channels"),
            ("GET", "/api/v1/guilds/\(Site.tavern)/roles"), ("GET", "/api/v1/games"), ("POST", "/api/v1/games"),
            ("GET", "/api/v1/games/\(game.id)"), ("PUT", "/api/v1/games/\(game.id)"),
            ("DELETE", "/api/v1/games/\(game.id)"), ("POST", "/api/v1/games/\(game.id)/join"),
            ("POST", "/api/v1/games/\(game.id)/leave"),
        ] {
            for cookie in [nil, "tandem_session=", "tandem_session=\(String(repeating: "A", count: 43))"] {
                let response = await site.send(method, target, cookie: cookie)
                #expect(response.status == 401 && response.code == "not_signed_in", "\(method) \(target)")
            }
        }
    }

    @Test func `a change from another site's page is refused`() async throws {
        let site = try await Site()
        let cookie = try await site.cookie(Site.ben)
        let game = try await site.game()
        for origin in [nil, "https://evil.test", "null", "http://localhost.evil.test"] as [String?] {
            let response = await site.send("POST", "/api/v1/games/\(game.id)/join", cookie: cookie, origin: origin)
            #expect(response.status == 403 && response.code == "bad_origin")
        }
        let logout = await site.send("POST", "/api/v1/auth/logout", cookie: cookie, origin: "https://evil.test")
        #expect(logout.status == 403)
        #expect(try await site.games.game(game.id)?.participants == [])
    }

    @Test func `every kind of error has its status and code`() async throws {
        let site = try await Site()
        let (ada, ben) = (try await site.cookie(Site.ada), try await site.cookie(Site.ben))
        let game = try await site.game()
        let path = "/api/v1/games/\(game.id)"
        func check(
            _ status: Int, _ code: String, _ method: String, _ target: String, _ cookie: String, json: String? = nil,
            headers: Headers = [:], location: SourceLocation = #_sourceLocation
        ) async {
            let response = await site.send(method, target, cookie: cookie, json: json, headers: headers)
            #expect(response.status == status && response.code == code, "\(response.text)", sourceLocation: location)
        }
        for json in ["", "{", "[]", "null", "1", #"{"title":5}"#, #"{"max_players":"ten"}"#, #"{"max_players":1.5}"#] {
            await check(400, "malformed_json", "POST", "/api/v1/games", ada, json: json)
        }
        await check(
            415, "unsupported_media_type", "POST", "/api/v1/games", ada, json: "{}",
            headers: ["content-type": "text/plain"])
        await check(413, "body_too_large", "POST", "/api/v1/games", ada, json: String(repeating: " ", count: 65 * 1024))
        await check(405, "method_not_allowed", "PATCH", path, ada)
        await check(404, "not_found", "GET", "/api/v1/nothing", ada)
        await check(403, "not_game_manager", "DELETE", path, ben)
        await check(409, "version_conflict", "PUT", path, ada, json: #"{"title":"x","version":9}"#)
        await check(422, "invalid_title", "PUT", path, ada, json: #"{"title":"","version":1}"#)
        await check(400, "invalid_idempotency_key", "POST", path + "/join", ben, headers: ["idempotency-key": "a b"])
        for query in [
            "guild_id=x", "channel_id=0", "status=open", "status=scheduled,", "role=boss", "limit=0", "limit=101",
            "limit=x", "after=x",
            "guild_id=", "channel_id=", "status=", "role=", "limit=", "after=",
        ] {
            await check(
                422, "invalid_" + query.prefix { $0 != "=" }, "GET", "/api/v1/games?\(query)", ada)
        }
        // What can't be read takes no filter with it.
        for query in ["guild_id=\(Site.hall)&x=%ff", "x=%&role=host", "%zz=1", "limit=%C3"] {
            await check(400, "malformed_query", "GET", "/api/v1/games?\(query)", ada)
        }
        try await site.games.cancel(game.id, by: Site.ada.id)
        await check(400, "game_not_open", "POST", path + "/join", ben)
        await check(409, "game_not_editable", "PUT", path, ada, json: #"{"title":"x","version":2}"#)
    }

    @Test func `all faults of a submission are reported together`() async throws {
        let site = try await Site()
        let response = await site.send(
            "POST", "/api/v1/games", cookie: try await site.cookie(Site.ada),
            json: #"{"guild_id":"x","title":" ","scheduled_at":"soon","max_players":0}"#)
        #expect(response.status == 422 && response.code == "invalid_game")
        #expect(response.fields == ["guild_id", "channel_id", "title", "scheduled_at", "max_players"])
    }

    @Test func `a user who is timed out learns until when`() async throws {
        let site = try await Site()
        let ben = try await site.cookie(Site.ben)
        let game = try await site.game()
        try await site.directory.upsert(
            Member(guildID: Site.tavern, user: Site.ben, timedOutUntil: site.now + 90_000))
        let path = "/api/v1/games/\(game.id)"
        let refused = await site.send("POST", path + "/join", cookie: ben)
        #expect(refused.status == 403 && refused.code == "member_timed_out")
        #expect(refused.text.contains("until 2027-01-15 08:02 UTC"), "\(refused.text)")
        #expect(await site.send("POST", "/api/v1/games", cookie: ben, json: site.gameJSON()).status == 403)
        #expect(await site.send("GET", path, cookie: ben).status == 200)
        #expect(await site.send("POST", path + "/leave", cookie: ben).status == 204)
    }

    @Test func `a key makes a request repeatable and is echoed`() async throws {
        let site = try await Site()
        let ada = try await site.cookie(Site.ada)
        let body = site.gameJSON()
        let key: Headers = ["idempotency-key": "0b0e-1"]
        let first = await site.send("POST", "/api/v1/games", cookie: ada, json: body, headers: key)
        let second = await site.send("POST", "/api/v1/games", cookie: ada, json: body, headers: key)
        #expect(first.status == 201 && first.text == second.text && second.headers["idempotency-key"] == "0b0e-1")
        let other = await site.send(
            "POST", "/api/v1/games", cookie: ada, json: site.gameJSON(#","max_players":2"#), headers: key)
        #expect(other.status == 422 && other.code == "invalid_idempotency_key")
        #expect(other.headers["idempotency-key"] == "0b0e-1")
        let list = await site.send("GET", "/api/v1/games", cookie: ada)
        #expect(list.text.components(separatedBy: #""title""#).count == 2)
    }

    @Test func `too many changes are refused for a while, for each user separately`() async throws {
        let site = try await Site(writeBurst: 3)
        let (ada, ben) = (try await site.cookie(Site.ada), try await site.cookie(Site.ben))
        let path = "/api/v1/games/\(try await site.game().id)"
        for _ in 1...3 { #expect(await site.send("POST", path + "/join", cookie: ben).status == 200) }
        let response = await site.send("POST", path + "/leave", cookie: ben)
        #expect(response.status == 429 && response.code == "too_many_requests")
        #expect(response.headers["retry-after"].flatMap { Int($0) } ?? 0 > 900)
        #expect(await site.send("GET", path, cookie: ben).status == 200)
        #expect(await site.send("POST", path + "/join", cookie: ada).status == 200)
    }

    @Test func `channels and roles of the user's guilds are listed`() async throws {
        let site = try await Site()
        let ben = try await site.cookie(Site.ben)
        let guild = "/api/v1/guilds/\(Site.tavern)"
        #expect(
            await site.send("GET", guild + "/channels", cookie: ben).text
                == #"{"channels":[{"id":"9001","name":"lobby","type":0}]}"#)
        #expect(await site.send("GET", guild + "/roles", cookie: ben).text.contains(#""name":"@everyone""#))
        #expect(await site.send("GET", guild, cookie: ben).text.contains(#""bot_installed":true,"can_manage":false"#))
    }

    @Test func `when Discord can't confirm a membership, the response is to try again`() async throws {
        let site = try await Site()
        let game = try await site.game()
        let ben = try await site.cookie(Site.ben)
        site.provider.state.withLock { $0.isDown = true }
        _ = try await site.sessions.start(
            for: Site.ben.id, tokens: DiscordTokens(access: "a", refresh: nil, expiresAt: .max, scopes: []))
        site.advance(.seconds(301))
        let response = await site.send("GET", "/api/v1/games/\(game.id)", cookie: ben)
        #expect(response.status == 503 && response.code == "membership_unknown")
        #expect(response.headers["retry-after"] == "15")
    }

    @Test func `a user who has withdrawn consent is refused while the gateway is silent, and only then`() async throws {
        let site = try await Site()
        let game = try await site.game()
        let ben = try await site.cookie(Site.ben)
        site.provider.state.withLock { state in
            state.refusesAccess = true
            state.refusesRefresh = true
        }
        _ = try await site.sessions.start(
            for: Site.ben.id, tokens: DiscordTokens(access: "a", refresh: "r", expiresAt: .max, scopes: []))
        site.advance(.seconds(301))
        for _ in 1...3 {
            let response = await site.send("GET", "/api/v1/games/\(game.id)", cookie: ben)
            #expect(response.status == 404 && response.code == "game_not_found")
            #expect(await site.send("GET", "/api/v1/games", cookie: ben).text == #"{"games":[],"next":null}"#)
        }
        try await site.directory.gatewayConfirmed(session: "s", at: site.now)
        #expect(await site.send("GET", "/api/v1/games/\(game.id)", cookie: ben).status == 200)
    }

    @Test func `the description names every route`() async throws {
        let site = try await Site()
        let response = await site.send("GET", "/api/v1/openapi.json")
        #expect(response.status == 200 && response.headers["content-type"] == "application/json")
        struct Document: Decodable {
            let openapi: String
            let paths: [String: [String: Anything]]
        }
        struct Anything: Decodable {}
        let document: Document = try response.decoded()
        #expect(document.openapi == "3.1.0" && document.paths.count == 18)
        for (path, item) in document.paths where !path.contains("/s") {
            let target = path.replacing("{id}", with: path.contains("games") ? "\(GameID.random())" : "1")
            for method in item.keys where method != "parameters" {
                #expect(await site.send(method.uppercased(), target).status != 405, "\(method) \(path)")
                #expect(await site.send(method.uppercased(), target).code != "not_found", "\(method) \(path)")
            }
        }
    }
}
