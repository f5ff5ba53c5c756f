import API
import Bot
import Bus
import Cache
import Core
import Discord
import DiscordCommunity
import EventLoop
import Guilds
import Scheduler
import Store

/// What both faces use: storage, bus and cache, and the domain services.
struct Backend {
    let group: EventLoopGroup
    let log: Log
    let metrics: Metrics
    let database: any Database
    let eventLog: DatabaseEventLog
    let busAndCache: BusAndCache
    let keyring: Keyring
    let directory: GuildDirectory
    let sessions: Sessions
    let accounts: Accounts
    let policy: AccessPolicy
    let games: GameService
    let writes: Allowance
    /// What this process remembers of the database, where a hub hears of every change; `nil` elsewhere.
    let memory: ReadMemory?
    let discordBudget: DiscordBudget
    /// Passes events on to the access cache; ends when released.
    private let accessChanges: BusSubscription?
    /// Rung when a game's time was set, for the service that starts games.
    let deadlinesChanged = Signal()

    static func open(_ configuration: Configuration, group: EventLoopGroup, log: Log, metrics: Metrics) async throws
        -> Backend
    {
        // With PostgreSQL and a secret of its own, a process leaves nothing behind on its machine.
        let secret =
            try configuration.secret.revealed.isEmpty
            ? DataFolder(configuration.dataFolder).secret() : configuration.secret
        let database = try await openDatabase(configuration, group, log, metrics)
        do {
            try await database.migrate(migrations)
            return try await Backend(configuration, group, log, metrics, database, keyring: Keyring(secret))
        } catch {
            await database.close()
            throw error
        }
    }

    static let migrations = [
        GuildSchema.migrations, GameSchema.migrations, BotSchema.migrations, PublishSchema.migrations,
    ]

    private static func openDatabase(
        _ configuration: Configuration, _ group: EventLoopGroup, _ log: Log, _ metrics: Metrics
    ) async throws -> any Database {
        if let url = configuration.servers.database {
            return try await PostgresDatabase.open(
                PostgresConfiguration(url: url), group: group, log: log.labelled("database"), metrics: metrics)
        }
        let folder = try DataFolder(configuration.dataFolder)
        return try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.databasePath))
    }

    var bus: any Bus { busAndCache.bus }

    func close() async {
        await busAndCache.close()
        await database.close()
    }

    private init(
        _ configuration: Configuration, _ group: EventLoopGroup, _ log: Log, _ metrics: Metrics,
        _ database: any Database,
        keyring: Keyring
    ) async throws {
        self.group = group
        self.log = log
        self.metrics = metrics
        eventLog = try await DatabaseEventLog(database)
        let memory =
            configuration.roles.contains(.hub)
            ? ReadMemory(events: eventLog, log: log, metrics: metrics) {
                CommunitySubject.changed(by: $0) + GameSubject.changed(by: $0)
            } : nil
        let database: any Database = memory.map { WitnessedDatabase(database, memory: $0) } ?? database
        self.memory = memory
        self.database = database
        self.keyring = keyring
        busAndCache = try await BusAndCache.connect(
            configuration.servers, ingest: configuration.ingest, database: database, epoch: eventLog.epoch,
            keyring: keyring, group: group, log: log, metrics: metrics)
        // Worth it only where it spares the database the questions of many processes that remember nothing themselves.
        let accessCache =
            busAndCache.cacheIsShared && memory == nil
            ? AccessCache(cache: busAndCache.cache, events: eventLog, keyring: keyring, log: log, metrics: metrics)
            : nil
        let bus = busAndCache.bus
        accessChanges = accessCache.map { cache in bus.subscribe { cache.received($0) } }
        let access = memory.map { AccessMemory($0) }
        directory = GuildDirectory(database: database, cache: accessCache, memory: access)
        sessions = Sessions(
            database: database, keyring: keyring, cache: accessCache, memory: access,
            perPerson: configuration.http.sessionsPerPerson)
        let client = OAuth2Client(
            OAuth2Client.Configuration(
                clientID: Snowflake(configuration.discord.clientID) ?? Snowflake(rawValue: 0),
                clientSecret: configuration.discord.clientSecret,
                redirectURI: configuration.redirectURL, baseURL: configuration.discord.api), log: log)
        accounts = Accounts(
            provider: DiscordSignIn(client), directory: directory, sessions: sessions, log: log)
        let token = configuration.discord.botToken
        discordBudget = DiscordBudget(token: token, cache: busAndCache.cacheIsShared ? busAndCache.cache : nil)
        policy = AccessPolicy(
            database: database, directory: directory, source: accounts,
            members: DiscordMembers(
                token: token, baseURL: configuration.discord.api, budget: discordBudget, log: log),
            cache: accessCache, memory: access, log: log)
        writes = .writes(cache: busAndCache.cache)
        games = GameService(
            database: database, policy: policy, memory: memory.map { GameMemory($0) }, limits: configuration.games,
            deadlinesChanged: deadlinesChanged)
    }
}
