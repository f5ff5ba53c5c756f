import Bot
import Bus
import Core
import Discord
import DiscordTestSupport
import Guilds
import Scheduler
import Store
import Testing
import TestSupport

/// All that a bot needs around it, real: a database, the relay, a bus, and Discord on the other side.
final class LiveTavern: Sendable {
    static let guild = GuildID(Int64(LiveSandbox.lantern))
    static let general = ChannelID(Int64(LiveSandbox.general))

    let sandbox: LiveSandbox
    let database: SQLiteDatabase
    let directory: GuildDirectory
    let games: GameService
    let log: Log
    private let folder: TemporaryFolder

    init(log: Log = .none) async throws {
        self.log = log
        sandbox = try await LiveSandbox()
        folder = try TemporaryFolder()
        var configuration = SQLiteConfiguration(path: folder.file("test.db"))
        configuration.synchronous = .normal
        database = try await SQLiteDatabase.open(configuration)
        try await database.migrate([GuildSchema.migrations, GameSchema.migrations, BotSchema.migrations])
        directory = GuildDirectory(database: database)
        games = GameService(
            database: database, policy: AccessPolicy(database: database, directory: directory, source: nil),
            limits: .none)
    }

    /// Lets a bot run while `body` works, and ends it as a program's end would.
    func withBot(
        transport: any HTTPTransport = URLSessionTransport(), writes: Allowance = .writes(),
        time: TimeSource = .system,
        _ body: (Bot) async throws -> Void
    ) async throws {
        let bus = LocalBus()
        let relay = Relay(database: database, bus: bus)
        let rest = RESTClient(
            .init(baseURL: sandbox.api, token: Secret(LiveSandbox.token)), transport: transport, log: log)
        var configuration = Bot.Configuration(token: Secret(LiveSandbox.token))
        configuration.page = { "http://127.0.0.1:8080/games/\($0)" }
        let bot = Bot(
            configuration, rest: rest, lookup: GatewayLookup(rest), group: sandbox.group, database: database,
            events: try await DatabaseEventLog(database), bus: bus, directory: directory, games: games, writes: writes,
            time: time, log: log)
        let running = Task { try await bot.run() }
        let relaying = Task { try await relay.run() }
        let outcome: Result<Void, any Error>
        do {
            try await eventually("the bot is there") {
                let knows = try await isMember(Self.user(LiveSandbox.tomas))
                return bot.gatewayPhase == .ready && knows && sandbox.commands().contains("game")
            }
            outcome = .success(try await body(bot))
        } catch { outcome = .failure(error) }
        running.cancel()
        relaying.cancel()
        _ = await running.result
        _ = await relaying.result
        try outcome.get()
    }

    /// Whether the gateway has reported this member.
    func isMember(_ user: UserID) async throws -> Bool {
        try await database.read { try await GuildRecords($0).member(user, of: Self.guild) != nil }
    }

    /// The version of the game that its card is recorded to show.
    func shownVersion(of game: GameID) async throws -> Int64? {
        try await database.read {
            try await $0.query("SELECT shown_version FROM cards WHERE game_id = $1", [.text(game.description)])
        }.first?["shown_version", as: Int64?.self]
    }

    /// Records what a process does that finds that another one has changed the card meanwhile.
    func distrustCard(of game: GameID) async throws {
        _ = try await database.transaction { transaction in
            try await transaction.execute(
                "UPDATE cards SET shown_version = 0, fingerprint = NULL WHERE game_id = $1", [.text(game.description)])
        }
    }

    /// For the last of a test.
    func close() async {
        await database.close()
        await sandbox.stop()
    }

    static func user(_ id: UInt64) -> UserID { UserID(Int64(id)) }

    /// Announces a game as the web does.
    func announce(
        _ title: String, seats: Int = 4, description: String? = nil, place: String? = nil,
        by host: UInt64 = LiveSandbox.mira, in channel: ChannelID = LiveTavern.general
    ) async throws -> Game {
        try await games.create(
            GameForm(
                guildID: Self.guild.description, channelID: channel.description, title: title,
                description: description, place: place,
                scheduledAt: RFC3339.text(TimeSource.system.milliseconds + 3_600_000), maxPlayers: seats),
            by: Self.user(host))
    }

    /// The game's message once it stands and shows `text`.
    func sign(of game: GameID, showing text: String = "") async throws -> LiveSandbox.Sign {
        var found: LiveSandbox.Sign?
        try await eventually("a message that shows \(text)") {
            found = sandbox.signs().first { $0.buttons["join_game_\(game)"] != nil && $0.text.contains(text) }
            return found != nil
        }
        return try #require(found)
    }
}
