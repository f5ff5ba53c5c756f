import Core
import Guilds
import Scheduler
import Store
import Synchronization
import Testing
import Web
import Wire

struct AccountTests {
    private struct Listed: Decodable {
        struct Session: Decodable {
            let id: String, browser: String, signedInAt: String, usedAt: String
            let isCurrent: Bool
        }
        let sessions: [Session]
    }

    /// Signs in as a browser of that kind does; returns the cookie.
    private func signIn(_ site: Site, _ user: User, _ agent: String?) async throws -> String {
        site.provider.state.withLock { $0.codes["good"] = user }
        let away = await site.send("GET", "/api/v1/auth/login")
        let state = try #require(away.headers["location"]?.split(separator: "state=").last.map(String.init))
        let home = await site.send(
            "GET", "/api/v1/auth/callback?code=good&state=\(state)",
            cookie: "tandem_signin=\(try #require(away.cookie("tandem_signin")))",
            headers: agent.map { ["user-agent": $0] } ?? [:])
        return "tandem_session=\(try #require(home.cookie("tandem_session")))"
    }

    private func list(_ site: Site, _ cookie: String) async throws -> [Listed.Session] {
        let response = await site.send("GET", "/api/v1/account/sessions", cookie: cookie)
        return try JSONCoding.decode(Listed.self, from: Array(response.text.utf8)).sessions
    }

    private static let agents: [(agent: String?, words: String)] = [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537", "Chrome on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140 Mobile Safari/537", "Chrome on Android"),
        ("<script>alert(1)</script>", "An unknown browser"), (nil, "An unknown browser"),
    ]

    @Test(arguments: agents)
    func `a browser is told in words of ours`(_ agent: String?, _ words: String) async throws {
        let site = try await Site()
        let cookie = try await signIn(site, Site.ada, agent)
        let listed = try await list(site, cookie)
        #expect(listed.map(\.browser) == [words] && listed.map(\.isCurrent) == [true])
    }

    @Test func `users see where they are signed in, and sign out there or everywhere`() async throws {
        let site = try await Site()
        let first = try await signIn(site, Site.ada, "Firefox/1")
        site.advance(.seconds(2 * 3600))
        let second = try await signIn(site, Site.ada, "curl/8")
        let foreign = try await signIn(site, Site.ben, nil)
        let listed = try await list(site, second)
        #expect(listed.map(\.browser) == ["curl", "Firefox"] && listed.map(\.isCurrent) == [true, false])
        #expect(listed[0].signedInAt == "2027-01-15T10:00:00Z")
        let ben = try await list(site, foreign)[0].id
        for id in [ben, "x"] {
            let refused = await site.send("DELETE", "/api/v1/account/sessions/\(id)", cookie: second)
            #expect(refused.status == 404 && refused.code == "session_not_found")
        }
        let there = await site.send("DELETE", "/api/v1/account/sessions/\(listed[1].id)", cookie: second)
        #expect(there.status == 204 && there.headers.all("set-cookie").isEmpty)
        #expect(await site.send("GET", "/api/v1/auth/user", cookie: first).status == 401)
        #expect(try await list(site, second).map(\.id) == [listed[0].id])
        #expect(site.provider.state.withLock { $0.revoked } == [])
        let third = try await signIn(site, Site.ada, nil)
        let everywhere = await site.send("DELETE", "/api/v1/account/sessions", cookie: third)
        #expect(everywhere.status == 204 && everywhere.cookie("tandem_session") == "")
        #expect(everywhere.headers["clear-site-data"] == "\"cache\"")
        for cookie in [second, third] {
            #expect(await site.send("GET", "/api/v1/auth/user", cookie: cookie).status == 401)
        }
        #expect(site.provider.state.withLock { $0.revoked.count } == 1)
        #expect(try await list(site, foreign).count == 1)
        // One's own is signed out of as by the button.
        let own = await site.send("DELETE", "/api/v1/account/sessions/\(ben)", cookie: foreign)
        #expect(own.status == 204 && own.cookie("tandem_session") == "")
    }

    @Test func `users get what is kept of them, and have it deleted`() async throws {
        let site = try await Site()
        site.provider.state.withLock { state in
            state.guilds[Site.ada.id] = [
                ReportedMembership(
                    guildID: GuildID(77), name: "Elsewhere", iconHash: nil, isOwner: true, permissions: .all)
            ]
        }
        let cookie = try await signIn(site, Site.ada, "Firefox/1")
        let ben = try await site.cookie(Site.ben)
        let game = try await site.game()
        _ = await site.send("POST", "/api/v1/games/\(game.id)/join", cookie: ben)
        let file = await site.send("GET", "/api/v1/account/data", cookie: cookie)
        #expect(file.status == 200 && file.headers["cache-control"] == "no-store")
        #expect(file.headers["content-disposition"] == #"attachment; filename="tandem-data.json""#)
        for part in [#""username":"ada""#, #""name":"Elsewhere""#, #""title":"Hunt""#, #""browser":"Firefox""#] {
            #expect(file.text.contains(part), "\(part)")
        }
        #expect(!file.text.contains("\"ben\"") && !file.text.contains("access-"))
        let forged = await site.send("DELETE", "/api/v1/account/data", cookie: cookie, origin: "https://evil.test")
        #expect(forged.status == 403)
        let deleted = await site.send("DELETE", "/api/v1/account/data", cookie: cookie)
        #expect(deleted.status == 204 && deleted.cookie("tandem_session") == "")
        #expect(deleted.headers["clear-site-data"] == "\"cache\"")
        #expect(await site.send("GET", "/api/v1/auth/user", cookie: cookie).status == 401)
        #expect(site.provider.state.withLock { $0.revoked.count } == 1)
        let after = await site.send("GET", "/api/v1/games/\(game.id)", cookie: ben)
        #expect(
            after.text.contains(#""status":"cancelled""#) && !after.text.contains("Hunt") && !after.text.contains("Ada")
        )
        // The tavern still has its member; of what the sign-in said nothing is left.
        let rows = try await site.database.read { reading in
            [
                try await reading.query("SELECT * FROM sessions WHERE user_id = 11"),
                try await reading.query("SELECT * FROM guilds WHERE id = 77"),
                try await reading.query("SELECT * FROM members WHERE user_id = 11 AND from_gateway = 0"),
            ]
        }
        #expect(rows.map(\.count) == [0, 0, 0])
        // Who comes back begins anew.
        #expect(
            await site.send("GET", "/api/v1/auth/user", cookie: try await signIn(site, Site.ada, nil)).status == 200)
    }
}
