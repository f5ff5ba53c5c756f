import Crypto
import DiscordSandbox
import Foundation
import Testing

struct OAuthTests {
    private let redirect = "http%3A%2F%2F127.0.0.1%3A9%2Fapi%2Fv1%2Fauth%2Fcallback"

    private func ask(_ more: String, scope: String = "identify+guilds") -> String {
        "/oauth2/authorize?client_id=\(RunningSandbox.applicationID)&response_type=code&scope=\(scope)"
            + "&redirect_uri=\(redirect)&state=a%20b\(more)"
    }

    private func field(_ name: String, of answer: RunningSandbox.Answer) -> String? {
        URLComponents(string: answer.headers["location"] ?? "")?.queryItems?.first { $0.name == name }?.value
    }

    private func token(_ sandbox: RunningSandbox, _ form: String) async throws -> RunningSandbox.Answer {
        let client = "client_id=\(RunningSandbox.applicationID)&client_secret=a+secret+for+tests"
        return try await sandbox.send("POST", "/api/oauth2/token", form: "\(client)&\(form)")
    }

    @Test func `a malformed query is refused, not answered without it`() async throws {
        try await RunningSandbox.with { sandbox in
            for path in [ask("&x=%ff"), "/sandbox/state?guild_id=%ff", "/api/v10/gateway?x=%ff"] {
                let answer = try await sandbox.send("GET", path)
                #expect(answer.status == 400, "\(path)")
            }
        }
    }

    @Test func `consent leads to a code, the code to tokens, the tokens to the user and its guilds`() async throws {
        try await RunningSandbox.with { sandbox in
            let page = try await sandbox.send("GET", ask(""))
            #expect(page.status == 200 && page.body.stringValue?.contains("Who are you?") == true)
            let consent = try await sandbox.send("POST", ask(""), form: "sandbox_user=\(Seed.Users.mira)")
            #expect(consent.status == 302)
            #expect(consent.headers["location"]?.hasPrefix(RunningSandbox.redirect + "?") == true)
            #expect(field("state", of: consent) == "a b")
            let code = try #require(field("code", of: consent))

            let grant = try await token(
                sandbox, "grant_type=authorization_code&code=\(code)&redirect_uri=\(redirect)")
            #expect(grant.status == 200)
            #expect(grant.body["expires_in"] == 604_800 && grant.body["scope"] == "guilds identify")
            let bearer = "Bearer \(grant.body["access_token"]!.stringValue!)"
            let me = try await sandbox.send("GET", "/api/v10/users/@me", authorization: bearer)
            #expect(me.body["id"] == .id(Seed.Users.mira) && me.body["email"] == nil)
            let guilds = try await sandbox.send("GET", "/api/v10/users/@me/guilds", authorization: bearer)
            #expect(guilds.body[0]?["owner"] == true && guilds.body[1]?["owner"] == false)
            #expect(guilds.body[0]?["permissions"]?.stringValue != nil)
            let member = try await sandbox.send(
                "GET", "/api/v10/users/@me/guilds/\(Seed.Lantern.guild)/member", authorization: bearer)
            #expect(member.status == 401, "the scope was not asked for")

            let again = try await token(
                sandbox, "grant_type=authorization_code&code=\(code)&redirect_uri=\(redirect)")
            #expect(again.status == 400 && again.body["error"] == "invalid_grant")

            let refresh = grant.body["refresh_token"]!.stringValue!
            let fresh = try await token(sandbox, "grant_type=refresh_token&refresh_token=\(refresh)")
            #expect(fresh.status == 200)
            #expect(try await sandbox.send("GET", "/api/v10/users/@me", authorization: bearer).status == 401)
            let newToken = fresh.body["access_token"]!.stringValue!
            let revoked = try await sandbox.send(
                "POST", "/api/oauth2/token/revoke",
                form: "client_id=\(RunningSandbox.applicationID)&client_secret=a+secret+for+tests&token=\(newToken)")
            #expect(revoked.status == 200)
            let gone = try await sandbox.send("GET", "/api/v10/users/@me", authorization: "Bearer \(newToken)")
            #expect(gone.status == 401)
        }
    }

    @Test func `wrong secrets, addresses and verifiers are refused`() async throws {
        try await RunningSandbox.with { sandbox in
            let consent = try await sandbox.send("POST", ask(""), form: "sandbox_user=\(Seed.Users.mira)")
            let code = try #require(field("code", of: consent))
            let secret = try await sandbox.send(
                "POST", "/api/v10/oauth2/token",
                form: "client_id=\(RunningSandbox.applicationID)&client_secret=wrong&grant_type=authorization_code"
                    + "&code=\(code)&redirect_uri=\(redirect)")
            #expect(secret.status == 401 && secret.body["error"] == "invalid_client")
            let address = try await token(
                sandbox, "grant_type=authorization_code&code=\(code)&redirect_uri=http://other")
            #expect(address.status == 400 && address.body["error"] == "invalid_grant")
            let challenge = Base64.encode(SHA256.hash(Array("verifier".utf8)), as: .url)
            for (verifier, status) in [("wrong", 400), ("verifier", 200)] {
                let consent = try await sandbox.send(
                    "POST", ask("&code_challenge=\(challenge)&code_challenge_method=S256"),
                    form: "sandbox_user=\(Seed.Users.mira)")
                let code = try #require(field("code", of: consent))
                let answer = try await token(
                    sandbox,
                    "grant_type=authorization_code&code=\(code)&redirect_uri=\(redirect)&code_verifier=\(verifier)")
                #expect(answer.status == status)
            }
            let stranger = ask("").replacing("127.0.0.1", with: "example.com")
            #expect(try await sandbox.send("GET", stranger).status == 400)
            #expect(try await sandbox.send("GET", "/oauth2/authorize?client_id=5&scope=identify").status == 400)
            let refused = try await sandbox.send("POST", ask(""), form: "decision=deny")
            #expect(field("error", of: refused) == "access_denied")
        }
    }

    @Test func `no address consents by itself, and no page of another site can`() async throws {
        try await RunningSandbox.with { sandbox in
            let consent = "sandbox_user=\(Seed.Users.mira)&decision=allow"
            let page = try await sandbox.send("GET", ask("&" + consent))
            #expect(page.status == 200 && page.headers["location"] == nil && page.headers["set-cookie"] == nil)
            #expect(try await sandbox.send("GET", ask("&decision=deny")).status == 200)
            for origin in ["http://127.0.0.1:9", "null"] {
                let foreign = try await sandbox.send("POST", ask(""), form: consent, origin: origin)
                #expect(foreign.status == 403 && foreign.headers["set-cookie"] == nil)
            }
            #expect(try await sandbox.send("POST", ask(""), form: consent, origin: sandbox.base).status == 302)
            #expect(try await sandbox.send("POST", ask("&" + consent)).status == 400)
        }
    }

    @Test func `only the sites that were named may frame the consent page`() async throws {
        try await RunningSandbox.with { sandbox in
            let policy = try await sandbox.send("GET", ask("")).headers["content-security-policy"] ?? ""
            #expect(policy.contains("frame-ancestors \(RunningSandbox.ancestor)"))
            #expect(!policy.contains("script-src"))
        }
    }

    @Test func `the install link adds the bot for a user that may manage the guild`() async throws {
        try await RunningSandbox.with { sandbox in
            let place = ["guild_id": .id(Seed.Cedar.guild)] as JSON
            let gone = try await sandbox.send("POST", "/sandbox/uninstall", place)
            #expect(gone.body["installed"] == false)
            let link =
                "/oauth2/authorize?client_id=\(RunningSandbox.applicationID)&scope=bot+applications.commands"
                + "&permissions=2048&guild_id=\(Seed.Cedar.guild)"
            for (user, status) in [(Seed.Users.juno, 400), (Seed.Users.sable, 200)] {
                #expect(try await sandbox.send("POST", link, form: "sandbox_user=\(user)").status == status)
            }
            let guilds = try await sandbox.send(
                "GET", "/api/v10/users/@me/guilds", authorization: "Bot \(RunningSandbox.token)")
            #expect(guilds.body.arrayValue?.count == 2)
            #expect(guilds.body[1]?["permissions"]?.snowflake.map { $0 & 2048 } == 2048)
        }
    }
}
