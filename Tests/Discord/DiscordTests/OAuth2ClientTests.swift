import Core
import Discord
import DiscordTestSupport
import Testing
import Web

struct OAuth2ClientTests {
    /// The example of RFC 7636, appendix B.
    private static let verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    private func client(_ sandbox: LiveSandbox) -> OAuth2Client {
        OAuth2Client(
            .init(
                clientID: Snowflake(rawValue: LiveSandbox.application), clientSecret: Secret(LiveSandbox.clientSecret),
                redirectURI: LiveSandbox.redirect, baseURL: sandbox.api))
    }

    /// Consents as a user would, and returns the fields that the browser is redirected with.
    private func consent(_ address: String, as user: UInt64) async throws -> FormFields {
        let answer = try await URLSessionTransport().exchange(
            .init(
                method: "POST", url: address, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("sandbox_user=\(user)".utf8)))
        let location = try #require(answer.headers["location"])
        #expect(location.hasPrefix(LiveSandbox.redirect + "?"))
        return try #require(FormFields(encoded: location.split(separator: "?")[1]))
    }

    @Test func `a user signs in, is identified, and is signed out`() async throws {
        let sandbox = try await LiveSandbox()
        let oauth = client(sandbox)
        let fields = try await consent(
            oauth.authorizationURL(state: "st&te", verifier: Self.verifier), as: LiveSandbox.tomas)
        #expect(fields["state"] == "st&te")
        let token = try await oauth.exchange(code: try #require(fields["code"]), verifier: Self.verifier)
        #expect(token.scope.split(separator: " ").sorted() == ["guilds", "identify"])
        #expect(token.expiresIn == 604_800)
        #expect(try await oauth.user(token.accessToken.secret).username == "tomas")
        let guilds = try await oauth.guilds(token.accessToken.secret)
        #expect(guilds.map(\.name) == ["Lantern Tavern"])
        #expect(guilds.first?.owner == false)
        let fresh = try await oauth.refresh(try #require(token.refreshToken).secret)
        #expect(fresh.accessToken != token.accessToken)
        try await oauth.revoke(fresh.accessToken.secret)
        let error = await #expect(throws: DiscordError.self) { _ = try await oauth.user(fresh.accessToken.secret) }
        #expect(error?.code == "discord_unauthorized")
        await sandbox.stop()
    }

    @Test func `a code is valid once, and a wrong one never`() async throws {
        let sandbox = try await LiveSandbox()
        let oauth = client(sandbox)
        let fields = try await consent(
            oauth.authorizationURL(state: "s", verifier: Self.verifier), as: LiveSandbox.tomas)
        let code = try #require(fields["code"])
        _ = try await oauth.exchange(code: code, verifier: Self.verifier)
        for wrong in [code, "made-up"] {
            let error = await #expect(throws: DiscordError.self) {
                _ = try await oauth.exchange(code: wrong, verifier: Self.verifier)
            }
            #expect(error?.status == 400)
            #expect("\(String(describing: error))".contains("client-secret") == false)
        }
        await sandbox.stop()
    }

    @Test func `a code is worth nothing without its sign-in's verifier`() async throws {
        let sandbox = try await LiveSandbox()
        let oauth = client(sandbox)
        let fields = try await consent(
            oauth.authorizationURL(state: "s", verifier: Self.verifier), as: LiveSandbox.tomas)
        let code = try #require(fields["code"])
        let error = await #expect(throws: DiscordError.self) {
            _ = try await oauth.exchange(code: code, verifier: Secret(String(repeating: "v", count: 43)))
        }
        #expect(error?.status == 400)
        await sandbox.stop()
    }

    @Test func `addresses contain what Discord needs, encoded`() {
        let oauth = OAuth2Client(
            .init(clientID: 5, clientSecret: Secret("s"), redirectURI: "https://tandem.example/cb?x=1"))
        let address = oauth.authorizationURL(state: "a b", verifier: Self.verifier)
        #expect(address.hasPrefix("https://discord.com/oauth2/authorize?client_id=5&response_type=code"))
        #expect(address.contains("redirect_uri=https%3A%2F%2Ftandem.example%2Fcb%3Fx%3D1"))
        #expect(address.contains("state=a%20b"))
        #expect(
            address.hasSuffix("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"))
        #expect(!address.contains(Self.verifier.revealed))
        let install = oauth.installURL(permissions: [.viewChannel, .sendMessages], guild: 9)
        #expect(install.contains("permissions=3072") && install.contains("guild_id=9"))
        #expect(install.contains("scope=bot%20applications.commands"))
    }
}
