import Bot
import Core
import Discord
import Guilds
import Scheduler
import Synchronization
import Testing

/// Goes wrong once a message was posted: Discord has it, and nobody hears of it.
private final class DeafTransport: HTTPTransport {
    private let inner = URLSessionTransport()
    private let posted = Mutex(false)
    /// Whether everything after that goes wrong too, as if the machine were gone.
    let staysDeaf: Bool

    init(staysDeaf: Bool) { self.staysDeaf = staysDeaf }

    var hasPosted: Bool { posted.withLock { $0 } }

    func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer {
        if staysDeaf && hasPosted { throw HTTPTransportError.interrupted("deaf") }
        let answer = try await inner.exchange(request)
        guard request.method == "POST", request.url.hasSuffix("/messages"), !hasPosted else { return answer }
        posted.withLock { $0 = true }
        throw HTTPTransportError.interrupted("deaf")
    }
}

@Suite struct CardTroubleTests {
    /// Another bot of the guild shuts ours out of the channel, or lets it in again.
    private func hide(_ tavern: LiveTavern, _ isHidden: Bool) async throws {
        let other = RESTClient(
            .init(
                baseURL: tavern.sandbox.api, token: Secret("ODg3NzY2NTU0NDMzMjIxMTAw.other.bot-of-the-guild-for-tests"))
        )
        let permissions = Route(
            isHidden ? .put : .delete, "/channels/{}/permissions/{}", String(LiveSandbox.general),
            "200000000000000001", majors: 1)
        try await other.call(
            permissions, isHidden ? PermissionOverwrite(id: 0, type: .member, deny: .viewChannel) : nil)
    }

    @Test func `a message whose answer got lost is not posted twice`() async throws {
        let tavern = try await LiveTavern()
        try await tavern.withBot(transport: DeafTransport(staysDeaf: false)) { _ in
            let game = try await tavern.announce("Lost answer")
            try await eventually("the game knows its message") {
                try await tavern.games.game(game.id)?.messageID != nil
            }
            #expect(tavern.sandbox.signs().count == 1)
        }
        await tavern.close()
    }

    @Test func `a bot that ends between posting and remembering finds its message again`() async throws {
        let tavern = try await LiveTavern()
        let transport = DeafTransport(staysDeaf: true)
        var game: Game?
        try await tavern.withBot(transport: transport) { _ in
            game = try await tavern.announce("Crash")
            try await eventually("posted") { transport.hasPosted }
        }
        let id = try #require(game).id
        #expect(try await tavern.games.game(id)?.messageID == nil)
        _ = try await tavern.games.join(id, by: LiveTavern.user(LiveSandbox.juno))
        try await tavern.withBot { _ in
            let sign = try await tavern.sign(of: id, showing: "Juno")
            #expect(try await tavern.games.game(id)?.messageID?.description == String(sign.id))
            #expect(tavern.sandbox.signs().count == 1)
        }
        await tavern.close()
    }

    @Test func `a missing permission is remembered, not hammered, and mends itself when it is given`() async throws {
        let tavern = try await LiveTavern()
        try await tavern.withBot { bot in
            let game = try await tavern.announce("Forbidden")
            _ = try await tavern.sign(of: game.id)
            try await eventually("recorded") { try await tavern.games.game(game.id)?.messageID != nil }
            try await hide(tavern, true)
            _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.juno))
            try await eventually("the problem is remembered") { try await bot.problems().count == 1 }
            let problem = try await bot.problems().first
            #expect(problem?.code == "discord_missing_permission")
            #expect(problem?.game == game.id)
            try await hide(tavern, false)
            _ = try await tavern.sign(of: game.id, showing: "Juno")
            try await eventually("the problem is gone") { try await bot.problems().isEmpty }
        }
        await tavern.close()
    }
}
