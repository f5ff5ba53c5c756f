import API
import Core
import Crypto
import DiscordCommunity
import Guilds
import Synchronization
import Testing
import TestSupport
import Web
import Wire

struct SignInTests {
    /// Begins a sign-in; returns its state and the browser's cookie.
    func begin(_ site: Site, _ returnTo: String = "/games", cookie: String? = nil) async throws -> (
        state: String, cookie: String
    ) {
        let response = await site.send("GET", "/api/v1/auth/login?return_to=\(returnTo)", cookie: cookie)
        #expect(response.status == 302)
        let location = try #require(response.headers["location"])
        let state = try #require(location.split(separator: "state=").last.map(String.init))
        return (state, "tandem_signin=\(try #require(response.cookie("tandem_signin")))")
    }

    func finish(_ site: Site, _ state: String, cookie: String?, code: String = "good") async -> Response {
        await site.send("GET", "/api/v1/auth/callback?code=\(code)&state=\(state)", cookie: cookie)
    }

    @Test func `signing in leads to Discord and back to where it began, with a session`() async throws {
        let site = try await Site()
        site.provider.state.withLock { state in
            state.codes["good"] = Site.ada
            state.guilds[Site.ada.id] = [
                ReportedMembership(
                    guildID: Site.tavern, name: "Lantern Tavern", iconHash: nil, isOwner: true, permissions: .all),
                ReportedMembership(
                    guildID: GuildID(77), name: "Elsewhere", iconHash: "x", isOwner: false, permissions: .manageGuild),
            ]
        }
        let begun = try await begin(site, "/games/new%3Fguild=1%23top")
        let response = await finish(site, begun.state, cookie: begun.cookie)
        #expect(response.status == 302 && response.headers["location"] == "/games/new?guild=1#top")
        let setting = try #require(response.headers.all("set-cookie").first { $0.hasPrefix("tandem_session=") })
        #expect(setting.contains("HttpOnly") && setting.contains("SameSite=Lax") && setting.contains("Path=/;"))
        let cookie = "tandem_session=\(try #require(response.cookie("tandem_session")))"
        let user = await site.send("GET", "/api/v1/auth/user", cookie: cookie)
        #expect(user.status == 200 && user.headers["cache-control"] == "private, no-cache")
        #expect(
            user.text == """
                {"guilds":[{"bot_installed":false,"can_manage":true,"icon_url":"https://cdn.discordapp.com/icons/77/x.png",\
                "id":"77","is_owner":false,"name":"Elsewhere"},{"bot_installed":true,"can_manage":true,\
                "icon_url":"https://cdn.discordapp.com/icons/419430400/i.png","id":"419430400","is_owner":true,\
                "name":"Lantern Tavern"}],"user":{"avatar_url":"https://cdn.discordapp.com/avatars/11/a1.png",\
                "display_name":"Ada","id":"11","username":"ada"}}
                """)
    }

    @Test func `a state works in the browser that asked for it, once, for ten minutes`() async throws {
        let site = try await Site()
        site.provider.state.withLock { $0.codes = ["good": Site.ada, "again": Site.ada] }
        let begun = try await begin(site)
        let foreign = try await begin(site)
        for cookie in [nil, foreign.cookie, "tandem_signin=", "tandem_signin=x", "other=1"] {
            let response = await finish(site, begun.state, cookie: cookie)
            #expect(response.status == 400 && response.code == "invalid_state")
        }
        for state in ["", "x", "x.y", begun.state + "A", String(begun.state.dropLast()), ".", "..", "a.b.c"] {
            #expect(await finish(site, state, cookie: begun.cookie).code == "invalid_state")
        }
        #expect(await site.send("GET", "/api/v1/auth/callback", cookie: begun.cookie).code == "invalid_state")
        // None of that used it up.
        #expect(await finish(site, begun.state, cookie: begun.cookie).status == 302)
        #expect(await finish(site, begun.state, cookie: begun.cookie, code: "again").code == "invalid_state")
        let late = try await begin(site)
        site.advance(.seconds(600))
        #expect(await finish(site, late.state, cookie: late.cookie, code: "again").code == "invalid_state")
    }

    @Test func `browsers get a page where programs get JSON`() async throws {
        let site = try await Site()
        let response = await site.send(
            "GET", "/api/v1/auth/callback?state=%3Cscript%3E", headers: ["accept": "text/html,*/*;q=0.8"])
        #expect(response.status == 400 && response.headers["content-type"]?.hasPrefix("text/html") == true)
        #expect(response.text.contains("Please start again.") && !response.text.contains("<script>"))
    }

    @Test func `a changed return address breaks the signature`() async throws {
        let site = try await Site()
        site.provider.state.withLock { $0.codes = ["good": Site.ada] }
        let begun = try await begin(site)
        let parts = begun.state.split(separator: ".")
        let other = try await begin(site, "/elsewhere", cookie: begun.cookie).state.split(separator: ".")
        #expect(await finish(site, "\(other[0]).\(parts[1])", cookie: begun.cookie).code == "invalid_state")
    }

    @Test func `two tabs of one browser can both sign in`() async throws {
        let site = try await Site()
        site.provider.state.withLock { $0.codes = ["one": Site.ada, "two": Site.ada] }
        let first = try await begin(site, "/one")
        let second = try await begin(site, "/two", cookie: first.cookie)
        let one = await finish(site, first.state, cookie: second.cookie, code: "one")
        #expect(one.headers["location"] == "/one" && one.cookie("tandem_signin") == "")
        // The first has taken the cookie along: the second finds its browser signed in, and starts nothing.
        let session = "tandem_session=\(try #require(one.cookie("tandem_session")))"
        let two = await finish(site, second.state, cookie: session, code: "two")
        #expect(two.status == 302 && two.headers["location"] == "/two" && two.headers.all("set-cookie").isEmpty)
        #expect(site.provider.state.withLock { $0.codes["two"] != nil })
        #expect(await finish(site, second.state, cookie: nil, code: "two").code == "invalid_state")
        #expect(await finish(site, second.state, cookie: session + "x", code: "two").code == "invalid_state")
        let foreign = Base64.encode(
            Array(#"{"nonce":"n","returnTo":"//evil.test","expiry":9999999999999}"#.utf8), as: .url)
        #expect(await finish(site, foreign + ".x", cookie: session).code == "invalid_state")
    }

    @Test(arguments: [true, false])
    func `over https the cookies are for https and this host alone, and no others count`(_ isKnownOfSite: Bool)
        async throws
    {
        let site = try await Site(isSecure: isKnownOfSite)
        // The proxy says so, or only the site's public address.
        let scheme = isKnownOfSite ? "http" : "https"
        func get(_ path: String, _ cookies: String...) async -> Response {
            await site.send("GET", "/api/v1/auth/" + path, cookie: cookies.joined(separator: "; "), scheme: scheme)
        }
        func setting(_ name: String, _ response: Response) throws -> (text: String, pair: String) {
            let text = try #require(response.headers.all("set-cookie").first { $0.hasPrefix(name + "=") })
            return (text, String(text.prefix { $0 != ";" }))
        }
        site.provider.state.withLock { $0.codes = ["good": Site.ada, "more": Site.ada] }
        let planted = try await site.cookie(Site.ben)
        let bare = "tandem_signin=" + Base64.encode([UInt8](repeating: 7, count: 32), as: .url)
        let away = await get("login", bare)
        let binding = try setting("__Host-tandem_signin", away)
        #expect(binding.text.contains("; Path=/; ") && binding.text.contains("; Secure; HttpOnly; SameSite=Lax"))
        #expect(!binding.pair.hasSuffix(String(bare.dropFirst("tandem_signin=".count))))
        let state = try #require(away.headers["location"]?.split(separator: "state=").last.map(String.init))
        let callback = "callback?code=good&state=\(state)"
        #expect(await get(callback, bare).code == "invalid_state")
        let home = await get(callback, planted, binding.pair)
        let session = try setting("__Host-tandem_session", home)
        #expect(session.text.contains("; Path=/; ") && session.text.contains("; Secure; HttpOnly; SameSite=Lax"))
        #expect(try setting("__Host-tandem_signin", home).text.contains("Max-Age=0; Secure"))
        // What was set before the site had TLS is removed, and what it opened has ended.
        #expect(try setting("tandem_session", home).text.contains("Max-Age=0; Secure"))
        #expect(await site.send("GET", "/api/v1/auth/user", cookie: planted).status == 401)
        let other = try await site.cookie(Site.ben)
        #expect(await get("user", other).status == 401)
        for order in [[session.pair, other], [other, session.pair]] {
            #expect(await get("user", order[0], order[1]).text.contains("Ada"))
        }
        let out = await site.send(
            "POST", "/api/v1/auth/logout", cookie: session.pair, origin: "https://localhost", scheme: scheme)
        #expect(out.status == 204 && out.cookie("__Host-tandem_session") == "")
        #expect(await get("user", session.pair).status == 401)
    }

    @Test(arguments: [
        "https://evil.test", "//evil.test", "/%5Cevil.test", "%5C%5Cevil.test", "/%09/evil.test", "evil", "",
        "javascript:alert(1)", "/%0d%0aSet-Cookie:x=1", "/%20", "/caf%C3%A9",
    ])
    func `the return address never leads to another site`(_ path: String) async throws {
        let site = try await Site()
        let response = await site.send("GET", "/api/v1/auth/login?return_to=\(path)")
        #expect(response.status == 422 && response.code == "invalid_return_to")
    }

    @Test func `a malformed query is refused and uses nothing up`() async throws {
        let site = try await Site()
        site.provider.state.withLock { $0.codes = ["good": Site.ada] }
        let login = await site.send("GET", "/api/v1/auth/login?return_to=/games&x=%ff")
        #expect(login.status == 400 && login.code == "malformed_query" && login.headers.all("set-cookie").isEmpty)
        let begun = try await begin(site)
        let refused = await finish(site, begun.state + "&x=%ff", cookie: begun.cookie)
        #expect(refused.status == 400 && refused.code == "malformed_query")
        #expect(await finish(site, begun.state, cookie: begun.cookie).status == 302)
    }

    @Test func `one address may sign in so often a minute, and others are not concerned`() async throws {
        let site = try await Site(signInsPerAddress: 3)
        func ask(_ path: String, _ address: String, _ headers: Headers = [:]) async -> Response {
            await site.send("GET", "/api/v1/auth/\(path)", headers: headers, address: address)
        }
        for number in 1...3 {
            for address in ["192.0.2.1", "2001:db8::\(number)"] {
                #expect(await ask("login", address).status == 302)
                #expect(await ask("callback?state=x", address).code == "invalid_state")
            }
        }
        for address in ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::ffff:4"] {
            for path in ["login", "callback?state=x"] {
                let refused = await ask(path, address)
                #expect(refused.status == 429 && refused.code == "too_many_requests")
                #expect(refused.headers["retry-after"] == "20")
                let page = await ask(path, address, ["accept": "text/html"])
                #expect(page.status == 429 && page.headers["retry-after"] == "20" && page.text.contains("in 20 s."))
            }
        }
        for address in ["192.0.2.2", "2001:db8:0:1::1"] { #expect(await ask("login", address).status == 302) }
        site.advance(.seconds(20))
        #expect(await ask("login", "192.0.2.1").status == 302)
        #expect(await ask("login", "192.0.2.1").status == 429)
    }

    @Test func `when too many are signing in, the others are told to come again, and can`() async throws {
        let site = try await Site(signInsAtOnce: 2)
        let exchange = Latch()
        site.provider.state.withLock { state in
            state.codes = ["0": Site.ada, "1": Site.ben, "2": Site.cleo]
            state.exchange = exchange
        }
        var begun: [(state: String, cookie: String)] = []
        for _ in 0..<3 { begun.append(try await begin(site)) }
        let browsers = begun
        try await withThrowingTaskGroup(of: Int.self) { group in
            for (number, browser) in browsers[..<2].enumerated() {
                group.addTask {
                    await finish(site, browser.state, cookie: browser.cookie, code: "\(number)").status
                }
            }
            try await eventually { site.provider.state.withLock { $0.exchanging } == 2 }
            let refused = await finish(site, browsers[2].state, cookie: browsers[2].cookie, code: "2")
            #expect(refused.status == 503 && refused.code == "too_many_sign_ins")
            #expect(refused.headers["retry-after"] == "10")
            exchange.open()
            for try await status in group { #expect(status == 302) }
        }
        let again = await finish(site, browsers[2].state, cookie: browsers[2].cookie, code: "2")
        #expect(again.status == 302 && again.cookie("tandem_session") != nil)
    }

    @Test func `a code is exchanged with the verifier of its own sign-in`() async throws {
        let site = try await Site()
        site.provider.state.withLock { $0.codes = ["one": Site.ada, "two": Site.ada] }
        let first = try await begin(site)
        let second = try await begin(site, cookie: first.cookie)
        _ = await finish(site, second.state, cookie: second.cookie, code: "two")
        _ = await finish(site, first.state, cookie: first.cookie, code: "one")
        let (verifiers, exchanged) = site.provider.state.withLock { ($0.verifiers, $0.exchanged) }
        #expect(Set(verifiers).count == 2 && exchanged == verifiers.reversed())
        #expect(verifiers.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil })
    }

    @Test func `a user who declines goes back without a session`() async throws {
        let site = try await Site()
        let begun = try await begin(site, "/games")
        let response = await site.send(
            "GET", "/api/v1/auth/callback?error=access_denied&state=\(begun.state)", cookie: begun.cookie)
        #expect(response.status == 302 && response.headers["location"] == "/games")
        #expect(response.cookie("tandem_session") == nil)
    }

    @Test func `an unknown code is refused, and Discord's unavailability reported`() async throws {
        let site = try await Site()
        let begun = try await begin(site)
        #expect(await finish(site, begun.state, cookie: begun.cookie, code: "bad").code == "invalid_code")
        site.provider.state.withLock { $0.isDown = true }
        let next = try await begin(site)
        let response = await finish(site, next.state, cookie: next.cookie)
        #expect(response.status == 502 && response.code == "discord_unavailable")
    }

    @Test func `signing in again ends the browser's former session`() async throws {
        let site = try await Site()
        site.provider.state.withLock { $0.codes = ["good": Site.ada] }
        let old = try await site.cookie(Site.ben)
        let begun = try await begin(site)
        #expect(await finish(site, begun.state, cookie: begun.cookie + "; " + old).status == 302)
        #expect(await site.send("GET", "/api/v1/auth/user", cookie: old).status == 401)
    }

    @Test func `signing out ends the session, revokes the tokens with the last one, and may be repeated`() async throws
    {
        let site = try await Site()
        site.provider.state.withLock { $0.codes = ["good": Site.ada, "more": Site.ada] }
        var cookies: [String] = []
        for code in ["good", "more"] {
            let begun = try await begin(site)
            let response = await finish(site, begun.state, cookie: begun.cookie, code: code)
            cookies.append("tandem_session=\(try #require(response.cookie("tandem_session")))")
        }
        #expect(await site.send("POST", "/api/v1/auth/logout", cookie: cookies[0]).status == 204)
        #expect(site.provider.state.withLock { $0.revoked } == [])
        for _ in 1...2 {
            let response = await site.send("POST", "/api/v1/auth/logout", cookie: cookies[1])
            #expect(response.status == 204 && response.cookie("tandem_session") == "")
            #expect(response.headers["clear-site-data"] == "\"cache\"")
        }
        #expect(site.provider.state.withLock { $0.revoked } == ["access-2"])
        for cookie in cookies { #expect(await site.send("GET", "/api/v1/auth/user", cookie: cookie).status == 401) }
    }

    @Test func `refreshing asks Discord again, and ends a session whose consent is withdrawn`() async throws {
        let site = try await Site()
        site.provider.state.withLock { $0.codes = ["good": Site.ada] }
        let begun = try await begin(site)
        let response = await finish(site, begun.state, cookie: begun.cookie)
        let cookie = "tandem_session=\(try #require(response.cookie("tandem_session")))"
        site.provider.state.withLock { state in
            state.guilds[Site.ada.id] = [
                ReportedMembership(guildID: GuildID(5), name: "New", iconHash: nil, isOwner: true, permissions: .all)
            ]
        }
        #expect(await site.send("POST", "/api/v1/auth/refresh", cookie: cookie).status == 204)
        #expect(await site.send("GET", "/api/v1/guilds", cookie: cookie).text.contains(#""name":"New""#))
        site.provider.state.withLock { $0.isDown = true }
        let down = await site.send("POST", "/api/v1/auth/refresh", cookie: cookie)
        #expect(down.status == 503 && down.headers["retry-after"] == "15")
        site.provider.state.withLock { state in
            state.isDown = false
            state.refusesAccess = true
            state.refusesRefresh = true
        }
        #expect(await site.send("POST", "/api/v1/auth/refresh", cookie: cookie).code == "not_signed_in")
        #expect(await site.send("GET", "/api/v1/auth/user", cookie: cookie).status == 401)
    }
}
