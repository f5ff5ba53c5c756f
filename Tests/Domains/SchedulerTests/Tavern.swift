import Core
import FoundationEssentials
import Guilds
import Scheduler
import Store
import Synchronization
import TestSupport

/// Two guilds with the bot, people in them, and a game service on a database of its own with time that stands still
/// until told.
final class Tavern: Sendable {
    static let guild = GuildID(100 << 22)
    static let hall = GuildID(200 << 22)
    static let lobby = ChannelID(9001)
    /// What events tell of where a game is and whose, if it is the usual one.
    static let place = #""channel_id":"9001","host_id":"11""#
    static let den = ChannelID(9002)
    static let voice = ChannelID(9003)
    static let mute = ChannelID(9004)
    static let hallLobby = ChannelID(9101)
    static let bot = UserID(900)
    static let host = UserID(11)
    static let player = UserID(12)
    /// May manage the tavern.
    static let manager = UserID(13)
    /// Sees the den, which others don't.
    static let insider = UserID(14)
    /// In the hall only.
    static let stranger = UserID(21)

    let database: any Database
    let directory: GuildDirectory
    let games: GameService
    let deadlinesChanged = Signal()
    let time = ManualTime()
    private let folder: TemporaryFolder
    private let seen = Mutex<Int64>(0)

    /// - Parameter database: an empty one instead of a file of its own.
    init(crowd: Int = 0, on database: (any Database)? = nil, limits: GameLimits = .none) async throws {
        folder = try TemporaryFolder()
        if let database { self.database = database } else { self.database = try await Self.open(folder) }
        let database = self.database
        try await database.migrate([GuildSchema.migrations, GameSchema.migrations])
        let time = time.source
        directory = GuildDirectory(database: database, time: time)
        games = GameService(
            database: database,
            policy: AccessPolicy(database: database, directory: directory, source: nil, time: time), limits: limits,
            time: time,
            deadlinesChanged: deadlinesChanged)
        try await fill(crowd: crowd)
    }

    private static func open(_ folder: TemporaryFolder) async throws -> SQLiteDatabase {
        var configuration = SQLiteConfiguration(path: folder.file("test.db"))
        configuration.synchronous = .normal
        return try await SQLiteDatabase.open(configuration)
    }

    var now: Int64 { time.source.milliseconds }

    func advance(_ duration: Duration) async throws {
        time.advance(by: duration)
        try await directory.gatewayConfirmed(session: "s", at: now)
    }

    private func fill(crowd: Int) async throws {
        func member(_ guild: GuildID, _ id: UserID, _ name: String, roles: Set<RoleID> = []) -> Member {
            Member(guildID: guild, user: User(id: id, username: name), roles: roles)
        }
        let managers = RoleID(501)
        let everybody = RoleID(Self.guild.number)
        try await directory.gatewayStarted(
            session: "s", bot: User(id: Self.bot, username: "tandem", isBot: true), guilds: [Self.guild, Self.hall])
        var members = [
            member(Self.guild, Self.bot, "tandem"), member(Self.guild, Self.host, "hanna"),
            member(Self.guild, Self.player, "paul"), member(Self.guild, Self.manager, "mona", roles: [managers]),
            member(Self.guild, Self.insider, "ina"),
        ]
        members += (0..<crowd).map { member(Self.guild, Self.person($0), "person\($0)") }
        try await directory.replace(
            GuildSnapshot(
                guild: Guild(id: Self.guild, name: "Lantern Tavern", ownerID: UserID(1)),
                channels: [
                    Channel(id: Self.lobby, guildID: Self.guild, name: "lobby"),
                    Channel(
                        id: Self.den, guildID: Self.guild, name: "den",
                        overwrites: [
                            PermissionOverwrite(.role(everybody), deny: .viewChannel),
                            PermissionOverwrite(.member(Self.insider), allow: .viewChannel),
                            PermissionOverwrite(.member(Self.bot), allow: .viewChannel),
                        ]),
                    Channel(id: Self.voice, guildID: Self.guild, name: "voice", type: Channel.Kind.voice),
                    Channel(
                        id: Self.mute, guildID: Self.guild, name: "mute",
                        overwrites: [PermissionOverwrite(.member(Self.bot), deny: [.sendMessages, .embedLinks])]),
                ],
                roles: [
                    Role(id: everybody, guildID: Self.guild, name: "@everyone", permissions: .neededForCards),
                    Role(id: managers, guildID: Self.guild, name: "managers", permissions: .manageGuild),
                ], members: members, membersAreComplete: true), session: "s")
        try await directory.replace(
            GuildSnapshot(
                guild: Guild(id: Self.hall, name: "Cedar Hall", ownerID: UserID(2)),
                channels: [Channel(id: Self.hallLobby, guildID: Self.hall, name: "hall")],
                roles: [
                    Role(
                        id: RoleID(Self.hall.number), guildID: Self.hall, name: "@everyone",
                        permissions: .neededForCards)
                ], members: [member(Self.hall, Self.bot, "tandem"), member(Self.hall, Self.stranger, "stan")],
                membersAreComplete: true), session: "s")
        _ = try await events()
    }

    /// As the gateway tells it.
    func timeOut(_ user: UserID, _ name: String, roles: Set<RoleID> = [], until end: Int64?) async throws {
        try await directory.upsert(
            Member(guildID: Self.guild, user: User(id: user, username: name), roles: roles, timedOutUntil: end))
    }

    /// The service as another process on the same database has it.
    func games(on database: any Database, limits: GameLimits = .none) -> GameService {
        let time = time.source
        let directory = GuildDirectory(database: database, time: time)
        return GameService(
            database: database,
            policy: AccessPolicy(database: database, directory: directory, source: nil, time: time), limits: limits,
            time: time)
    }

    static func person(_ index: Int) -> UserID { UserID(10_000 + Int64(index)) }

    func form(
        _ title: String = "Dragon hunt", channel: ChannelID = Tavern.lobby, in delay: Duration = .seconds(3600),
        seats: Int? = nil, minutes: Int? = nil
    ) -> GameForm {
        GameForm(
            guildID: Self.guild.description, channelID: channel.description, title: title,
            scheduledAt: RFC3339.text(now + delay.milliseconds), durationMinutes: minutes, maxPlayers: seats)
    }

    func create(
        _ title: String = "Dragon hunt", channel: ChannelID = Tavern.lobby, in delay: Duration = .seconds(3600),
        seats: Int? = nil, minutes: Int? = nil, by user: UserID = Tavern.host
    ) async throws -> Game {
        try await games.create(
            form(title, channel: channel, in: delay, seats: seats, minutes: minutes), by: user)
    }

    /// The events appended since the last call.
    func events() async throws -> [Event] {
        let log = try await DatabaseEventLog(database)
        let all = try await log.read(after: seen.withLock { $0 }, limit: 100_000)
        if let last = all.last { seen.withLock { $0 = last.number } }
        return all
    }
}
