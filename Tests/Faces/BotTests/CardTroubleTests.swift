import Bot
import Core
import Discord
import DiscordTestSupport
import Guilds
import Scheduler
import Store
import Synchronization
import Testing
import TestSupport

/// Loses the response to the first message that is posted, or edited: Discord has it, but the bot doesn't know.
private final class LossyTransport: HTTPTransport {
    private let inner = URLSessionTransport()
    private let happened = Mutex(false)
    private let method: String
    /// Whether everything after that fails too, as if the machine were gone.
    private let staysLost: Bool

    /// - Parameter method: POST to lose the response to a new message, PATCH to lose the one to an edit.
    init(to method: String = "POST", staysLost: Bool) {
        self.method = method
        self.staysLost = staysLost
    }

    /// Whether a response was lost.
    var hasLost: Bool { happened.withLock { $0 } }

    func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer {
        if staysLost && hasLost { throw HTTPTransportError.interrupted("lost") }
        let answer = try await inner.exchange(request)
        guard request.method == method, request.url.contains("/messages"), !hasLost else { return answer }
        happened.withLock { $0 = true }
        throw HTTPTransportError.interrupted("lost")
    }
}

/// Holds back the response to the next edit of a message, once told to: Discord has it, but the bot doesn't know yet.
private final class HoldingTransport: HTTPTransport {
    private let inner = URLSessionTransport()
    private let holds = Mutex(false)
    private let mayGoOn = Latch()
    private let held = Mutex(false)

    /// Whether a response is held back, or was.
    var hasHeld: Bool { held.withLock { $0 } }

    func hold() { holds.withLock { $0 = true } }
    func goOn() { mayGoOn.open() }

    func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer {
        let answer = try await inner.exchange(request)
        guard request.method == "PATCH", request.url.contains("/messages/"),
            holds.withLock({ holds in
                defer { holds = false }
                return holds
            })
        else { return answer }
        held.withLock { $0 = true }
        await mayGoOn.wait()
        return answer
    }
}

struct CardTroubleTests {
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

    @Test func `a message whose response was lost is not posted twice`() async throws {
        let tavern = try await LiveTavern()
        try await tavern.withBot(transport: LossyTransport(staysLost: false)) { _ in
            let game = try await tavern.announce("Lost answer")
            try await eventually("the game knows its message") {
                try await tavern.games.game(game.id)?.messageID != nil
            }
            #expect(tavern.sandbox.signs().count == 1)
        }
        await tavern.close()
    }

    @Test func `a bot that crashes between posting and recording finds its message again`() async throws {
        let tavern = try await LiveTavern()
        let transport = LossyTransport(staysLost: true)
        var game: Game?
        try await tavern.withBot(transport: transport) { _ in
            game = try await tavern.announce("Crash")
            try await eventually("posted") { transport.hasLost }
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

    @Test func `what a leader that was paused writes late doesn't stay`() async throws {
        let tavern = try await LiveTavern()
        let transport = HoldingTransport()
        try await tavern.withBot(transport: transport) { _ in
            let game = try await tavern.announce("Two leaders")
            let sign = try await tavern.sign(of: game.id)
            try await eventually("recorded") {
                let version = try await tavern.games.game(game.id)?.version
                return try await tavern.shownVersion(of: game.id) == version
            }
            transport.hold()
            _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.juno))
            try await eventually("edited") { transport.hasHeld }
            _ = try await tavern.sign(of: game.id, showing: "Juno")
            // The leader before read the game before Juno came and slept since. It edits the message now, and notices that
            // somebody else has, too.
            try await editAsAnother(tavern, sign.id)
            try await tavern.distrustCard(of: game.id)
            transport.goOn()
            _ = try await tavern.sign(of: game.id, showing: "Juno")
        }
        await tavern.close()
    }

    @Test func `a card that is outdated without anybody having said so is found`() async throws {
        let tavern = try await LiveTavern()
        let system = TimeSource.system
        // A clock that runs ten times as fast, so that the test needn't wait for the sweep.
        let time = TimeSource(
            date: { system.date }, now: { system.now * 10 }, sleepUntil: { try await system.sleep(until: $0 / 10) })
        try await tavern.withBot(time: time) { _ in
            let game = try await tavern.announce("Found again")
            let sign = try await tavern.sign(of: game.id)
            try await eventually("recorded") {
                let version = try await tavern.games.game(game.id)?.version
                return try await tavern.shownVersion(of: game.id) == version
            }
            try await editAsAnother(tavern, sign.id)
            try await tavern.distrustCard(of: game.id)
            _ = try await tavern.sign(of: game.id, showing: "Found again")
        }
        await tavern.close()
    }

    /// Another process of ours, which took itself for the leader, changes the message.
    private func editAsAnother(_ tavern: LiveTavern, _ message: UInt64) async throws {
        try await RESTClient(.init(baseURL: tavern.sandbox.api, token: Secret(LiveSandbox.token))).editMessage(
            Snowflake(rawValue: message), in: Snowflake(rawValue: LiveSandbox.general),
            MessageEdit(embeds: [Embed(title: "An older view")]))
        try await eventually("the older view") { tavern.sandbox.signs().contains { $0.text.contains("An older view") } }
    }

    @Test func `an edit whose response was lost is undone when the game has changed back`() async throws {
        let tavern = try await LiveTavern()
        let transport = LossyTransport(to: "PATCH", staysLost: true)
        let juno = LiveTavern.user(LiveSandbox.juno)
        var game: Game?
        try await tavern.withBot(transport: transport) { _ in
            let made = try await tavern.announce("Crash while editing")
            game = made
            try await eventually("recorded") { try await tavern.games.game(made.id)?.messageID != nil }
            _ = try await tavern.games.join(made.id, by: juno)
            _ = try await tavern.sign(of: made.id, showing: "Juno")
            try await eventually("edited") { transport.hasLost }
        }
        let id = try #require(game).id
        // The game is again what the message showed before the change.
        try await tavern.games.leave(id, by: juno)
        try await tavern.withBot { _ in
            try await eventually("the message shows nobody") {
                try await !tavern.sign(of: id).text.contains("Juno")
            }
        }
        await tavern.close()
    }

    @Test func `an event that can't be stored is left out, and interactions are answered all the same`() async throws {
        let lines = Mutex<[String]>([])
        let tavern = try await LiveTavern(log: Log(minimum: .error) { line in lines.withLock { $0.append(line) } })
        try await tavern.withBot { _ in
            let game = try await tavern.announce("Stuck")
            let sign = try await tavern.sign(of: game.id)
            _ = try await tavern.database.transaction { transaction in
                try await transaction.execute(
                    """
                    CREATE TRIGGER refusal BEFORE INSERT ON members WHEN NEW.user_id = \(LiveSandbox.wren)
                    BEGIN SELECT RAISE(ABORT, 'no'); END
                    """)
            }
            try tavern.sandbox.setMember(LiveSandbox.wren, "add")
            try await eventually("left out") { lines.withLock { $0.contains { $0.contains("is left out") } } }
            let words = try await tavern.sandbox.press("join_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas).words
            #expect(words.contains("You're in"))
        }
        await tavern.close()
    }

    @Test func `a missing permission is recorded and not retried until it is granted`() async throws {
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

    /// The version of the game that the bot's table says its message shows.
    private func shownVersion(_ game: GameID, _ tavern: LiveTavern) async throws -> Int64? {
        try await tavern.database.read { reading in
            try await reading.query(
                "SELECT shown_version FROM cards WHERE game_id = $1", [.text(game.description)]
            ).first?["shown_version", as: Int64?.self]
        }
    }

    private func isShown(_ game: GameID, _ tavern: LiveTavern) async throws -> Bool {
        try await shownVersion(game, tavern) == tavern.games.game(game)?.version
    }

    @Test func `an edit of a card writes to the bot's table once`() async throws {
        let tavern = try await LiveTavern()
        try await tavern.withBot { _ in
            let game = try await tavern.announce("Frugal")
            try await eventually("shown") { try await isShown(game.id, tavern) }
            try await tavern.database.transaction { transaction in
                try await transaction.execute("CREATE TABLE card_writes (number INTEGER)")
                for change in ["INSERT", "UPDATE", "DELETE"] {
                    try await transaction.execute(
                        """
                        CREATE TRIGGER card_\(change) AFTER \(change) ON cards
                        BEGIN INSERT INTO card_writes (number) VALUES (1); END
                        """)
                }
            }
            _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.juno))
            _ = try await tavern.sign(of: game.id, showing: "Juno")
            try await eventually("shown") { try await isShown(game.id, tavern) }
            let writes = try await tavern.database.read { try await $0.query("SELECT number FROM card_writes").count }
            #expect(writes == 1)
        }
        await tavern.close()
    }

    @Test func `cards of the release before are checked once, and not edited`() async throws {
        let tavern = try await LiveTavern()
        var game: Game?
        try await tavern.withBot { _ in
            let made = try await tavern.announce("Old friend")
            game = made
            try await eventually("shown") { try await isShown(made.id, tavern) }
        }
        let id = try #require(game).id
        try await tavern.database.transaction { transaction in
            _ = try await transaction.execute("UPDATE cards SET wanted = 3, shown = 3, shown_version = NULL")
        }
        // An edit would not be answered, and so not be recorded as shown.
        let transport = LossyTransport(to: "PATCH", staysLost: true)
        try await tavern.withBot(transport: transport) { _ in
            try await eventually("shown") { try await isShown(id, tavern) }
        }
        #expect(!transport.hasLost)
        await tavern.close()
    }
}
