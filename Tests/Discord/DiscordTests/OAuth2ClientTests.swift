import Core
import Discord
import DiscordTestSupport
import Testing
import Web

struct OAuth2ClientTests {
    private func client(_ sandbox: LiveSandbox) -> OAuth2Client {
        OAuth2Client(
            .init(
                clientID: Snowflake(rawValue: LiveSandbox.application), clientSecret: Secret(LiveSandbox.clientSecret),
                redirectURI: LiveSandbox.redirect, baseURL: sandbox.api))
    }

    /// Consents as a user would, and returns the fields that the browser is redirected with.
    private func consent(_ address: String, as user: UInt64) async throws -> FormFields {
        let answer = try await URLSessionTransport().exchange(
            .init(method: "GET", url: address + "&sandbox_user=\(user)"))
        let location = try #require(answer.headers["location"])
        #expect(location.hasPrefix(LiveSandbox.redirect + "?"))
        return try #require(FormFields(encoded: location.split(separator: "?")[1]))
    }

    @Test func `a user signs in, is identified, and is signed out`() async throws {
        let sandbox = try await LiveSandbox()
        let oauth = client(sandbox)
        let fields = try await consent(oauth.authorizationURL(state: "st&te"), as: LiveSandbox.tomas)
        #expect(fields["state"] == "st&te")
        let token = try await oauth.exchange(code: try #require(fields["code"]))
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
        let fields = try await consent(oauth.authorizationURL(state: "s"), as: LiveSandbox.tomas)
        let code = try #require(fields["code"])
        _ = try await oauth.exchange(code: code)
        for wrong in [code, "made-up"] {
            let error = await #expect(throws: DiscordError.self) { _ = try await oauth.exchange(code: wrong) }
            #expect(error?.status == 400)
            #expect("\(String(describing: error))".contains("client-secret") == false)
        }
        await sandbox.stop()
    }

    @Test func `addresses contain what Discord needs, encoded`() {
        let oauth = OAuth2Client(
            .init(clientID: 5, clientSecret: Secret("s"), redirectURI: "https://tandem.example/cb?x=1"))
        let address = oauth.authorizationURL(state: "a b")
        #expect(address.hasPrefix("https://discord.com/oauth2/authorize?client_id=5&response_type=code"))
        #expect(address.contains("redirect_uri=https%3A%2F%2Ftandem.example%2Fcb%3Fx%3D1"))
        #expect(address.contains("state=a%20b"))
        let install = oauth.installURL(permissions: [.viewChannel, .sendMessages], guild: 9)
        #expect(install.contains("permissions=3072") && install.contains("guild_id=9"))
        #expect(install.contains("scope=bot%20applications.commands"))
    }
}
