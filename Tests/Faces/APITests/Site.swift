import API
import Bus
import Core
import Crypto
import DiscordCommunity
import EventLoop
import Fanout
import FoundationEssentials
import Guilds
import Scheduler
import Store
import Synchronization
import TestSupport
import Web
import Wire

/// The whole web interface over a real database, with two guilds and people who can sign in.
final class Site: Sendable {
    static let tavern = GuildID(100 << 22)
    static let hall = GuildID(200 << 22)
    static let lobby = ChannelID(9001)
    static let hallLobby = ChannelID(9101)
    static let bot = User(id: UserID(900), username: "tandem", isBot: true)
    static let ada = User(id: UserID(11), username: "ada", globalName: "Ada", avatarHash: "a1")
    static let ben = User(id: UserID(12), username: "ben")
    /// In the hall only.
    static let cleo = User(id: UserID(21), username: "cleo")
    static let publishSecret = "publish-secret-of-at-least-32-bytes"

    let database: SQLiteDatabase
    let directory: GuildDirectory
    let sessions: Sessions
    let games: GameService
    let policy: AccessPolicy
    let provider = Provider()
    /// The routes without streams.
    private let router: Router
    private let makeAPI: @Sendable (Hub?) -> WebAPI
    let accounts: Accounts
    private let keyring: Keyring
    let time = ManualTime()
    private let folder: TemporaryFolder

    init(
        writeBurst: Int = 1000, streamBurst: Int = 1000, signInsPerAddress: Int = 0, signInsAtOnce: Int = 64,
        replayBurst: Int = 1_000_000, isSecure: Bool = false, limits: GameLimits = .none
    ) async throws {
        folder = try TemporaryFolder()
        var file = SQLiteConfiguration(path: folder.file("test.db"))
        file.synchronous = .normal
        database = try await SQLiteDatabase.open(file)
        try await database.migrate([GuildSchema.migrations, GameSchema.migrations, PublishSchema.migrations])
        directory = GuildDirectory(database: database, time: time.source)
        keyring = Keyring(Secret(String(repeating: "k", count: 32)))
        sessions = Sessions(database: database, keyring: keyring, time: time.source)
        accounts = Accounts(provider: provider, directory: directory, sessions: sessions, time: time.source)
        policy = AccessPolicy(database: database, directory: directory, source: accounts, time: time.source)
        games = GameService(database: database, policy: policy, limits: limits, time: time.source)
        var configuration = WebAPI.Configuration()
        configuration.publishSecret = Secret(Self.publishSecret)
        configuration.streamBurst = streamBurst
        configuration.replayBurst = replayBurst
        configuration.signInsPerAddress = signInsPerAddress
        configuration.signInsAtOnce = signInsAtOnce
        configuration.isSecure = isSecure
        let settings = configuration
        // So slow that no test's own duration counts.
        let writes = Allowance.writes(burst: writeBurst, perSecond: 0.001)
        makeAPI = { [database, directory, policy, sessions, games, accounts, keyring, writes, time] hub in
            WebAPI(
                settings, database: database, directory: directory, policy: policy, sessions: sessions,
                games: games, accounts: accounts, keyring: keyring, hub: hub, writes: writes, time: time.source)
        }
        router = Router { [makeAPI] router in Self.register(makeAPI(nil), on: &router) }
        try await fill()
    }

    /// The routes with the streams of `hub`.
    func router(with hub: Hub) -> Router { Router { Self.register(makeAPI(hub), on: &$0) } }

    private static func register(_ api: WebAPI, on router: inout RouterBuilder) {
        api.register(on: &router)
        api.registerInternal(on: &router)
    }

    var now: Int64 { time.source.milliseconds }
    func advance(_ duration: Duration) { time.advance(by: duration) }

    private func fill() async throws {
        try await directory.gatewayStarted(session: "s", bot: Self.bot, guilds: [Self.tavern, Self.hall])
        for (guild, name, channel, people) in [
            (Self.tavern, "Lantern Tavern", Self.lobby, [Self.ada, Self.ben]),
            (Self.hall, "Cedar Hall", Self.hallLobby, [Self.cleo]),
        ] {
            try await directory.replace(
                GuildSnapshot(
                    guild: Guild(id: guild, name: name, iconHash: "i", ownerID: people[0].id),
                    channels: [Channel(id: channel, guildID: guild, name: "lobby")],
                    roles: [
                        Role(id: RoleID(guild.number), guildID: guild, name: "@everyone", permissions: .neededForCards)
                    ], members: ([Self.bot] + people).map { Member(guildID: guild, user: $0) },
                    membersAreComplete: true), session: "s")
        }
    }

    /// Signs the user in and returns the cookie.
    func cookie(_ user: User) async throws -> String {
        "tandem_session=\(try await sessions.start(for: user.id, tokens: nil).token.revealed)"
    }

    func send(
        _ method: String, _ target: String, cookie: String? = nil, json: String? = nil, headers: Headers = [:],
        origin: String? = "http://localhost", address: String = "127.0.0.1", scheme: String = "http"
    ) async -> Response {
        var headers = headers
        headers["cookie"] = cookie
        if method != "GET", headers["origin"] == nil { headers["origin"] = origin }
        if json != nil, headers["content-type"] == nil { headers["content-type"] = "application/json" }
        return await router.respond(
            to: Request(
                method, target, headers: headers, body: Array((json ?? "").utf8), remoteAddress: address,
                scheme: scheme))
    }

    func gameJSON(_ fields: String = "", guild: GuildID = Site.tavern, channel: ChannelID = Site.lobby) -> String {
        let time = RFC3339.text(now + 3_600_000)
        return
            #"{"guild_id":"\#(guild)","channel_id":"\#(channel)","title":"Hunt","scheduled_at":"\#(time)"\#(fields)}"#
    }

    func game(by user: User = Site.ada, seats: Int = 10) async throws -> Game {
        try await games.create(
            GameForm(
                guildID: Self.tavern.description, channelID: Self.lobby.description, title: "Hunt",
                scheduledAt: RFC3339.text(now + 3_600_000), maxPlayers: seats), by: user.id)
    }
}

/// In place of Discord's sign-in: accepts the codes that a test sets up, and refuses tokens when the test says so.
final class Provider: SignInProvider {
    struct Unreachable: Error {}

    struct State {
        var codes: [String: User] = [:]
        /// Those of the addresses that were asked for, and those with which codes were exchanged.
        var verifiers: [String] = []
        var exchanged: [String] = []
        var people: [String: User] = [:]
        var guilds: [UserID: [ReportedMembership]] = [:]
        var isDown = false
        /// Opens when codes are exchanged; `nil`: at once.
        var exchange: Latch?
        var exchanging = 0
        var refusesAccess = false
        var refusesRefresh = false
        var revoked: [String] = []
        var count = 0
    }

    let state = Mutex(State())

    func authorizationURL(state: String, verifier: Secret) -> String {
        self.state.withLock { $0.verifiers.append(verifier.revealed) }
        return "https://discord.test/oauth2/authorize?state=\(state)"
    }

    func exchange(code: String, verifier: Secret) async throws -> DiscordTokens {
        let opening = state.withLock { state in
            state.exchanging += 1
            return state.exchange
        }
        await opening?.wait()
        return try state.withLock { state in
            state.exchanging -= 1
            if state.isDown { throw Unreachable() }
            state.exchanged.append(verifier.revealed)
            guard let user = state.codes.removeValue(forKey: code) else { throw SignInRefused() }
            return Self.tokens(user, &state)
        }
    }

    func refresh(_ tokens: DiscordTokens) async throws -> DiscordTokens {
        try state.withLock { state in
            if state.isDown { throw Unreachable() }
            guard !state.refusesRefresh, let user = state.people[tokens.access] else { throw SignInRefused() }
            return Self.tokens(user, &state)
        }
    }

    private static func tokens(_ user: User, _ state: inout State) -> DiscordTokens {
        state.count += 1
        state.people["access-\(state.count)"] = user
        return DiscordTokens(
            access: "access-\(state.count)", refresh: "refresh-\(state.count)", expiresAt: .max, scopes: ["identify"])
    }

    func account(_ tokens: DiscordTokens) async throws -> User {
        try state.withLock { state in
            if state.isDown { throw Unreachable() }
            guard let user = state.people[tokens.access] else { throw SignInRefused() }
            return user
        }
    }

    func memberships(_ tokens: DiscordTokens) async throws -> [ReportedMembership] {
        try state.withLock { state in
            if state.isDown { throw Unreachable() }
            guard !state.refusesAccess, let user = state.people[tokens.access] else { throw SignInRefused() }
            return state.guilds[user.id] ?? []
        }
    }

    func revoke(_ tokens: DiscordTokens) async throws { state.withLock { $0.revoked.append(tokens.access) } }
}

extension Response {
    var text: String {
        if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "" }
    }

    func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// The code of an error, and that it comes with a sentence.
    var code: String? {
        struct Body: Decodable {
            struct Detail: Decodable { let code: String, message: String }
            let error: Detail
        }
        guard let error = try? decoded(Body.self).error, error.message.hasSuffix(".") else { return nil }
        return error.code
    }

    /// The faults' fields.
    var fields: [String] {
        struct Body: Decodable {
            struct Fault: Decodable { let field: String, message: String }
            struct Detail: Decodable { let fields: [Fault]? }
            let error: Detail
        }
        return (try? decoded(Body.self).error.fields?.map(\.field)) ?? []
    }

    /// The value of a cookie that is set.
    func cookie(_ name: String) -> String? {
        headers.all("set-cookie").first { $0.hasPrefix(name + "=") }?.dropFirst(name.count + 1).split(
            separator: ";", omittingEmptySubsequences: false
        ).first.map(String.init)
    }
}
