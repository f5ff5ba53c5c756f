import Core
import Discord
import DiscordTestSupport
import Testing
import TestSupport

struct RESTClientTests {
    private func withClient(
        token: String = LiveSandbox.token, _ body: (RESTClient, LiveSandbox) async throws -> Void
    ) async throws {
        let sandbox = try await LiveSandbox()
        let client = RESTClient(.init(baseURL: sandbox.api, token: Secret(token)))
        do {
            try await body(client, sandbox)
        } catch {
            await sandbox.stop()
            throw error
        }
        await sandbox.stop()
    }

    private let general = Snowflake(rawValue: LiveSandbox.general)
    private let lantern = Snowflake(rawValue: LiveSandbox.lantern)

    @Test func `it reads the gateway, itself, guilds, channels, roles and members`() async throws {
        try await withClient { client, _ in
            let gateway = try await client.gatewayBot()
            #expect(gateway.url.hasPrefix("ws://127.0.0.1"))
            #expect(gateway.sessionStartLimit.remaining > 0)
            #expect(try await client.currentUser().bot == true)
            #expect(try await client.currentApplication().id.rawValue == LiveSandbox.application)
            #expect(try await client.currentUserGuilds().count == 2)
            #expect(try await client.guild(lantern).name == "Lantern Tavern")
            #expect(try await client.channels(of: lantern).contains { $0.id == general && $0.type == .guildText })
            #expect(try await client.channel(general).name == "general")
            #expect(try await client.roles(of: lantern).contains { $0.id == lantern })
            let members = try await client.members(of: lantern)
            #expect(members.contains { $0.user?.id.rawValue == LiveSandbox.tomas })
            let tomas = try await client.member(Snowflake(rawValue: LiveSandbox.tomas), of: lantern)
            #expect(tomas.displayName == "Tomas")
        }
    }

    @Test func `it posts, edits, reads and deletes a message with buttons`() async throws {
        try await withClient { client, _ in
            let draft = MessageDraft(
                embeds: [Embed(title: "A game", color: 0x5865F2)], allowedMentions: AllowedMentions(),
                components: [.row([.button("Join", customID: "join", style: .success)])])
            let message = try await client.createMessage(draft, in: general)
            #expect(message.embeds.first?.title == "A game")
            #expect(message.components.first?.components?.first?.customID == "join")
            try await client.editMessage(message.id, in: general, MessageEdit(content: "changed"))
            #expect(try await client.message(message.id, in: general).content == "changed")
            #expect(try await client.messages(in: general).first?.id == message.id)
            try await client.deleteMessage(message.id, in: general)
            let error = await #expect(throws: DiscordError.self) {
                _ = try await client.message(message.id, in: general)
            }
            #expect(error?.discordCode == .unknownMessage)
            #expect(error?.status == 404)
            #expect(error?.code == "discord_not_found")
        }
    }

    @Test func `a repeated nonce returns the first message`() async throws {
        try await withClient { client, _ in
            let draft = MessageDraft(content: "once", nonce: "abc123", enforceNonce: true)
            let first = try await client.createMessage(draft, in: general)
            #expect(try await client.createMessage(draft, in: general).id == first.id)
        }
    }

    @Test func `a missing permission and a malformed body have different codes`() async throws {
        try await withClient { client, _ in
            let hidden = Snowflake(rawValue: LiveSandbox.keepersOnly)
            let forbidden = await #expect(throws: DiscordError.self) {
                _ = try await client.createMessage(MessageDraft(content: "?"), in: hidden)
            }
            #expect(forbidden?.code == "discord_missing_permission")
            #expect(forbidden?.discordCode?.isMissingRight == true)
            let malformed = await #expect(throws: DiscordError.self) {
                let embed = Embed(title: String(repeating: "x", count: 300))
                _ = try await client.createMessage(MessageDraft(embeds: [embed]), in: general)
            }
            #expect(malformed?.discordCode == .invalidForm)
            #expect(malformed?.message.contains("embeds.0.title") == true)
            #expect(malformed?.isTemporary == false)
        }
    }

    @Test func `a wrong token is refused and named nowhere`() async throws {
        try await withClient(token: "MTIz.wrong.secret-part") { client, _ in
            let error = await #expect(throws: DiscordError.self) { _ = try await client.currentUser() }
            #expect(error?.code == "discord_unauthorized")
            #expect("\(String(describing: error))".contains("secret-part") == false)
        }
    }

    @Test(arguments: ["user", "global", "shared"])
    func `a limit is waited for, whatever its scope`(scope: String) async throws {
        try await withClient { client, sandbox in
            try sandbox.limit(2, scope: scope, path: "/channels")
            let start = ContinuousClock.now
            #expect(try await client.channel(general).id == general)
            #expect(ContinuousClock.now - start >= .milliseconds(350))
        }
    }

    @Test func `a server fault is tried again where that does no harm`() async throws {
        try await withClient { client, sandbox in
            try sandbox.breakDown(1, path: "/channels")
            #expect(try await client.channel(general).id == general)
            try sandbox.breakDown(1, path: "/channels")
            let error = await #expect(throws: DiscordError.self) {
                _ = try await client.createMessage(MessageDraft(content: "no nonce"), in: general)
            }
            #expect(error?.code == "discord_unavailable")
            #expect(error?.isTemporary == true)
        }
    }

    @Test func `more requests than a bucket allows are spread, and none is refused`() async throws {
        try await withClient { client, _ in
            let metrics = Metrics()
            let watched = RESTClient(client.configuration, metrics: metrics)
            try await withThrowingTaskGroup { group in
                for number in 0..<12 {
                    group.addTask {
                        _ = try await watched.createMessage(MessageDraft(content: "\(number)"), in: general)
                    }
                }
                try await group.waitForAll()
            }
            #expect(metrics.rendered().contains("tandem_discord_request_failures_total 0"))
            #expect(metrics.rendered().contains("tandem_discord_requests_total 12"))
        }
    }

    @Test func `a request that waits for its turn ends at once when it is cancelled`() async throws {
        try await withClient { client, sandbox in
            try sandbox.limit(1, scope: "user", path: "/channels", retryAfter: 600)
            let waiting = Task { try await client.channel(general) }
            let waitingToo = Task { try await client.channel(general) }
            try await eventually("both wait") { client.waiting == 2 }
            waiting.cancel()
            waitingToo.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            await #expect(throws: CancellationError.self) { try await waitingToo.value }
            #expect(client.waiting == 0)
        }
    }

    @Test func `a refused connection is reported as unreachable, and is temporary`() async throws {
        let transport = URLSessionTransport(timeout: .seconds(2))
        var configuration = RESTClient.Configuration(baseURL: "http://127.0.0.1:9/api/v10", token: Secret("a.b.c"))
        configuration.limits.tries = 1
        let client = RESTClient(configuration, transport: transport)
        let error = await #expect(throws: DiscordError.self) { _ = try await client.currentUser() }
        #expect(error?.code == "discord_unreachable")
        #expect(error?.isTemporary == true)
    }
}
