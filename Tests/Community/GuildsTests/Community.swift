import Core
import FoundationEssentials
import Guilds
import Store
import Synchronization
import TestSupport

/// A database of its own, a time of day that stands still until told, and a community in it.
final class Community: Sendable {
    static let tavern = GuildID(100 << 22)
    static let everybody = RoleID(100 << 22)
    static let lobby = ChannelID(9001)
    static let bot = User(id: UserID(900), username: "tandem", isBot: true)
    static let ada = User(id: UserID(11), username: "ada", globalName: "Ada")
    static let ben = User(id: UserID(12), username: "ben")

    let database: SQLiteDatabase
    let directory: GuildDirectory
    let sessions: Sessions
    let source: Memberships
    let members = AskedMembers()
    let policy: AccessPolicy
    /// One that may also ask as the bot.
    let policyAskingMembers: AccessPolicy
    let time = ManualTime()
    private let folder: TemporaryFolder
    private let seen = Mutex<Int64>(0)

    init() async throws {
        folder = try TemporaryFolder()
        var configuration = SQLiteConfiguration(path: folder.file("test.db"))
        configuration.synchronous = .normal
        let time = time.source
        database = try await SQLiteDatabase.open(configuration, time: time)
        try await database.migrate([GuildSchema.migrations], time: time)
        directory = GuildDirectory(database: database, time: time)
        sessions = Sessions(
            database: database, keyring: Keyring(Secret(String(repeating: "k", count: 32))), time: time)
        source = Memberships()
        policy = AccessPolicy(database: database, directory: directory, source: source, time: time)
        policyAskingMembers = AccessPolicy(
            database: database, directory: directory, source: source, members: members, time: time)
    }

    var now: Int64 { time.source.milliseconds }
    /// Sets the time of day forward; nothing else passes.
    func advance(_ duration: Duration) { time.set(time.date + duration / .seconds(1)) }

    /// What the database knows now.
    func known<Result: Sendable>(_ read: @Sendable (GuildRecords) async throws -> Result) async throws -> Result {
        try await database.read { try await read(GuildRecords($0)) }
    }

    /// Tavern with the bot, Ada (its owner) and Ben, told by the gateway.
    func install(_ session: String = "s1", members: [User] = [ada, ben], complete: Bool = true) async throws {
        try await directory.gatewayStarted(session: session, bot: Self.bot, guilds: [Self.tavern])
        try await directory.replace(Self.snapshot(members: members, complete: complete), session: session)
    }

    static func snapshot(
        members: [User] = [ada, ben], channels: [Channel]? = nil, complete: Bool = true
    ) -> GuildSnapshot {
        GuildSnapshot(
            guild: Guild(id: tavern, name: "Lantern Tavern", ownerID: ada.id),
            channels: channels ?? [Channel(id: lobby, guildID: tavern, name: "lobby")],
            roles: [Role(id: everybody, guildID: tavern, name: "@everyone", permissions: .neededForCards)],
            members: ([bot] + members).map { Member(guildID: tavern, user: $0) }, membersAreComplete: complete)
    }

    /// The events appended since the last call, as `kind topic payload`, but those about members that no stream carries.
    func events() async throws -> [String] {
        try await allEvents().filter { !$0.contains(" members/") && !$0.contains(" accounts/") }
    }

    /// The same with all events.
    func allEvents() async throws -> [String] {
        let log = try await DatabaseEventLog(database)
        let all = try await log.read(after: seen.withLock { $0 }, limit: 100_000)
        if let last = all.last { seen.withLock { $0 = last.number } }
        return all.map { "\($0.kind) \($0.topic) \($0.payload)" }
    }
}

/// What Discord would say, as tests set it.
final class Memberships: MembershipSource {
    struct Down: Error {}

    private let state = Mutex<(answer: [ReportedMembership]?, isDown: Bool, asked: Int)>((nil, false, 0))

    var answer: [ReportedMembership]? {
        get { state.withLock { $0.answer } }
        set { state.withLock { $0.answer = newValue } }
    }
    var isDown: Bool {
        get { state.withLock { $0.isDown } }
        set { state.withLock { $0.isDown = newValue } }
    }
    var asked: Int { state.withLock { $0.asked } }

    func mayAsk(about user: UserID) async throws -> Bool { state.withLock { $0.isDown || $0.answer != nil } }

    func memberships(of user: UserID) async throws -> [ReportedMembership]? {
        try state.withLock { state in
            state.asked += 1
            if state.isDown { throw Down() }
            return state.answer
        }
    }
}

/// What Discord would tell the bot, as tests set it.
final class AskedMembers: MemberSource {
    struct Down: Error {}

    private let state = Mutex<(answers: [UserID: Member], isDown: Bool, asked: Int)>(([:], false, 0))

    var isDown: Bool {
        get { state.withLock { $0.isDown } }
        set { state.withLock { $0.isDown = newValue } }
    }
    var asked: Int { state.withLock { $0.asked } }
    func tell(_ member: Member) { state.withLock { $0.answers[member.user.id] = member } }

    func member(_ user: UserID, of guild: GuildID) async throws -> Member? {
        try state.withLock { state in
            state.asked += 1
            if state.isDown { throw Down() }
            return state.answers[user].flatMap { $0.guildID == guild ? $0 : nil }
        }
    }
}
