import API
import Bot
import Bus
import Core
import Discord
import EventLoop
import Guilds
import Scheduler
import Store

/// What both faces stand on: storage, bus and the domain services.
struct Ground {
    let group: EventLoopGroup
    let log: Log
    let metrics: Metrics
    let database: any Database
    let eventLog: DatabaseEventLog
    let bus: any Bus
    let keyring: Keyring
    let directory: GuildDirectory
    let sessions: Sessions
    let accounts: Accounts
    let policy: AccessPolicy
    let games: GameService
    /// Rung when a game's time was set, for the service that starts games.
    let deadlinesChanged = Signal()

    static func lay(_ configuration: Configuration, group: EventLoopGroup, log: Log, metrics: Metrics) async throws
        -> Ground
    {
        let folder = try DataFolder(configuration.dataFolder)
        let secret = try configuration.secret.revealed.isEmpty ? folder.secret() : configuration.secret
        let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.databasePath))
        do {
            try await database.migrate([
                GuildSchema.migrations, GameSchema.migrations, BotSchema.migrations, UsedSignatures.migrations,
            ])
            return try await Ground(configuration, group, log, metrics, database, keyring: Keyring(secret))
        } catch {
            await database.close()
            throw error
        }
    }

    private init(
        _ configuration: Configuration, _ group: EventLoopGroup, _ log: Log, _ metrics: Metrics,
        _ database: any Database,
        keyring: Keyring
    ) async throws {
        self.group = group
        self.log = log
        self.metrics = metrics
        self.database = database
        self.keyring = keyring
        eventLog = try await DatabaseEventLog(database)
        bus = LocalBus()
        directory = GuildDirectory(database: database)
        sessions = Sessions(database: database, keyring: keyring)
        let client = OAuth2Client(
            OAuth2Client.Configuration(
                clientID: Snowflake(configuration.discord.clientID) ?? Snowflake(rawValue: 0),
                clientSecret: configuration.discord.clientSecret,
                redirectURI: configuration.redirectURL, baseURL: configuration.discord.api), log: log)
        accounts = Accounts(provider: DiscordSignIn(client), sessions: sessions)
        policy = AccessPolicy(database: database, directory: directory, source: accounts, log: log)
        games = GameService(database: database, policy: policy, deadlinesChanged: deadlinesChanged)
    }
}
