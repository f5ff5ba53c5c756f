import Core
import Discord
import DiscordCommunity
import FoundationEssentials
import Guilds
import Synchronization
import Testing

/// Answers every request with the next of the given answers, and keeps the requests.
private final class ScriptedTransport: HTTPTransport {
    private let answers: Mutex<[(status: Int, body: String)]>
    private let sent = Mutex<[HTTPExchange.Request]>([])

    init(_ answers: (status: Int, body: String)...) { self.answers = Mutex(answers.reversed()) }

    var requests: [HTTPExchange.Request] { sent.withLock { $0 } }

    func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer {
        sent.withLock { $0.append(request) }
        guard let (status, body) = answers.withLock({ $0.popLast() }) else {
            throw HTTPTransportError.neverSent("nobody answers")
        }
        return HTTPExchange.Answer(status: status, headers: [:], body: Data(body.utf8))
    }
}

struct DiscordSignInTests {
    private let tokens = DiscordTokens(access: "a", refresh: "r", expiresAt: .max, scopes: ["identify", "guilds"])

    private func signIn(_ transport: ScriptedTransport) -> DiscordSignIn {
        var limits = RateLimiter.Limits()
        limits.tries = 1
        return DiscordSignIn(
            OAuth2Client(
                .init(clientID: 5, clientSecret: Secret("s"), redirectURI: "https://tandem.example/cb"),
                transport: transport, limits: limits))
    }

    @Test func `accounts and guilds have the community's identifiers, and impossible ones are left out`() async throws {
        let provider = signIn(
            ScriptedTransport(
                (200, #"{"id":"9007199254740993","username":"ada","global_name":"Ada","avatar":"h"}"#),
                (
                    200,
                    """
                    [{"id":"419430400","name":"Tavern","icon":null,"owner":true,"permissions":"32"},
                    {"id":"18446744073709551615","name":"Impossible","icon":null,"owner":false,"permissions":"0"}]
                    """
                )))
        let user = try await provider.account(tokens)
        #expect(user == User(id: UserID(9_007_199_254_740_993), username: "ada", globalName: "Ada", avatarHash: "h"))
        #expect(
            try await provider.memberships(tokens) == [
                ReportedMembership(
                    guildID: GuildID(419_430_400), name: "Tavern", iconHash: nil, isOwner: true,
                    permissions: .manageGuild)
            ])
    }

    @Test(arguments: [400, 401]) func `what Discord doesn't accept is a refusal`(status: Int) async {
        let error = (status, #"{"error":"invalid_grant"}"#)
        await #expect(throws: SignInRefused.self) {
            _ = try await signIn(ScriptedTransport(error)).exchange(code: "c", verifier: Secret("v"))
        }
        await #expect(throws: SignInRefused.self) { _ = try await signIn(ScriptedTransport(error)).refresh(tokens) }
        await #expect(throws: SignInRefused.self) { _ = try await signIn(ScriptedTransport(error)).account(tokens) }
        await #expect(throws: SignInRefused.self) {
            _ = try await signIn(ScriptedTransport(error)).memberships(tokens)
        }
    }

    @Test func `a failure of Discord is not a refusal`() async {
        await #expect(throws: DiscordError.self) { _ = try await signIn(ScriptedTransport()).account(tokens) }
        await #expect(throws: DiscordError.self) {
            _ = try await signIn(ScriptedTransport((503, ""))).account(tokens)
        }
    }

    @Test func `tokens without a refresh token can't be renewed, and nothing is asked`() async {
        let transport = ScriptedTransport()
        let old = DiscordTokens(access: "a", refresh: nil, expiresAt: 0, scopes: [])
        await #expect(throws: SignInRefused.self) { _ = try await signIn(transport).refresh(old) }
        #expect(transport.requests.isEmpty)
    }

    @Test func `a renewal without a new refresh token keeps the old one`() async throws {
        let transport = ScriptedTransport(
            (200, #"{"access_token":"b","token_type":"Bearer","expires_in":60,"scope":"identify guilds"}"#))
        let fresh = try await signIn(transport).refresh(tokens)
        #expect(fresh.access == "b" && fresh.refresh == "r" && fresh.scopes == ["identify", "guilds"])
    }
}
