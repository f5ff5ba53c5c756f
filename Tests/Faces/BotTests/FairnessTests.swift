import Bot
import Core
import Discord
import DiscordSandbox
import DiscordTestSupport
import Guilds
import Scheduler
import Store
import Synchronization
import Testing
import TestSupport

/// Remembers the channels in which messages are edited, in the order in which the edits begin.
private final class RecordingTransport: HTTPTransport {
    private let inner = URLSessionTransport()
    private let channels = Mutex<[Substring]>([])

    /// The channel of each edit that has begun.
    var edits: [Substring] { channels.withLock { $0 } }

    func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer {
        let parts = request.url.split(separator: "/")
        if request.method == "PATCH", let place = parts.firstIndex(of: "channels"), parts.contains("messages") {
            channels.withLock { $0.append(parts[place + 1]) }
        }
        return try await inner.exchange(request)
    }
}

/// Whoever has much to do holds up nobody else.
struct FairnessTests {
    private static let busy = 20
    /// Another bot of the guild, which may make channels.
    private static let other = "ODg3NzY2NTU0NDMzMjIxMTAw.other.bot-of-the-guild-for-tests"

    @Test func `a quiet channel's message has its turn among those of twenty busy ones`() async throws {
        let tavern = try await LiveTavern()
        let transport = RecordingTransport()
        try await tavern.withBot(transport: transport) { _ in
            let rest = RESTClient(.init(baseURL: tavern.sandbox.api, token: Secret(Self.other)))
            var games: [Game] = []
            for number in 0...Self.busy {
                let made = try await rest.createChannel(
                    ChannelDraft(name: "table-\(number)"), in: Snowflake(rawValue: LiveSandbox.lantern))
                let channel = try #require(ChannelID(made.id.description))
                try await eventually("the channel is known") {
                    try await tavern.database.read { try await GuildRecords($0).channel(channel) != nil }
                }
                games.append(try await tavern.announce("Game \(number)", in: channel))
            }
            for game in games {
                try await eventually("its message", within: .seconds(60)) {
                    let version = try await tavern.games.game(game.id)?.version
                    return try await tavern.shownVersion(of: game.id) == version
                }
            }
            // Each edit takes a second, and sixteen are made at a time: fewer than there are channels with changes.
            try tavern.sandbox.fault(["latency_ms": 1000])
            let quiet = try #require(games.last)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for game in games.dropLast() {
                    group.addTask {
                        while !Task.isCancelled {
                            _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.tomas))
                            try await tavern.games.leave(game.id, by: LiveTavern.user(LiveSandbox.tomas))
                            try await TimeSource.system.sleep(for: .milliseconds(50))
                        }
                    }
                }
                let first = transport.edits.count
                try await eventually("all are busy", within: .seconds(60)) {
                    Set(transport.edits.dropFirst(first)).count == Self.busy
                }
                let before = transport.edits.count
                _ = try await tavern.games.join(quiet.id, by: LiveTavern.user(LiveSandbox.juno))
                var turn: Int?
                try await eventually("the quiet channel's turn", within: .seconds(60)) {
                    turn = transport.edits.dropFirst(before).firstIndex(of: Substring(quiet.channelID.description))
                    return turn != nil
                }
                // One turn of each, and what began until the bot heard of the change.
                #expect(try #require(turn) - before <= 2 * Self.busy)
                group.cancelAll()
            }
        }
        await tavern.close()
    }

    @Test func `a press is answered before the news of other guilds that came before it`() async throws {
        let tavern = try await LiveTavern()
        let news = 60
        try await tavern.withBot { _ in
            let game = try await tavern.announce("In the meantime")
            let sign = try await tavern.sign(of: game.id)
            // Recording what the other guild reports takes long.
            try await tavern.database.transaction { transaction in
                try await transaction.execute("CREATE TABLE numbers (n INTEGER)")
                for number in 0..<400 {
                    try await transaction.enqueue("INSERT INTO numbers (n) VALUES ($1)", [.integer(Int64(number))])
                }
                try await transaction.execute("CREATE TABLE recorded (n INTEGER)")
                try await transaction.execute(
                    """
                    CREATE TRIGGER slow AFTER UPDATE ON members WHEN NEW.guild_id = \(LiveSandbox.cedar)
                    BEGIN INSERT INTO recorded SELECT COUNT(*) FROM numbers a, numbers b WHERE a.n + b.n >= 0; END
                    """)
            }
            func recorded() async throws -> Int {
                try await tavern.database.read { try await $0.query("SELECT n FROM recorded").count }
            }
            for number in 1...news {
                try tavern.sandbox.timeOut(LiveSandbox.juno, in: LiveSandbox.cedar, seconds: 1000 + number)
            }
            let pressed = try await tavern.sandbox.press("join_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
            let count = try await recorded()
            #expect(pressed.words.contains("You're in"))
            #expect(count < news, "the news waits")
            try await eventually("all news is recorded", within: .seconds(60)) { try await recorded() >= news }
        }
        await tavern.close()
    }
}
