package import Cache
package import Core
package import DiscordCommunity
package import Fanout
package import Guilds
package import Scheduler
package import Store
package import Web

/// The web's face: every route under `/api/v1`, and `/internal/v1/events`.
package struct WebAPI: Sendable {
    /// Limits and trusted parties of the API.
    package struct Configuration: Sendable {
        /// Origins other than the server's own whose pages may make changes.
        package var allowedOrigins: [String] = []
        /// Whether people reach the site over https: its cookies are for https alone then, however the requests come here.
        package var isSecure = false
        /// The largest request body, in bytes.
        package var bodyLimit = 64 * 1024
        /// The secret with which other programs sign their events; when empty, nobody can publish.
        package var publishSecret = Secret("")
        /// How many streams a user may open at once, with one more each second, so that all that one may have can come back together;
        /// 0 for any number.
        package var streamBurst = 40
        /// How many events of the log may be read for the streams of one user at once, with `replayRate` more each second: four
        /// clients that have missed as much as one may.
        package var replayBurst = 1_000_000
        package var replayRate = 1000.0
        /// How many sign-ins may be begun, and how many completed, from one address in a minute; 0 for any number.
        package var signInsPerAddress = 30
        /// How many sign-ins may be completed at the same time: some ten seconds' worth of Discord's exchanging codes.
        package var signInsAtOnce = 64

        package init() {}
    }

    let configuration: Configuration
    let directory: GuildDirectory
    let policy: AccessPolicy
    let sessions: Sessions
    let games: GameService
    let accounts: Accounts
    let signIns: SignIns
    let sessionCookie: SiteCookie
    let signInCookie: SiteCookie
    let hub: Hub?
    let database: any Database
    let time: TimeSource
    let log: Log
    let writes: Allowance
    let refreshes: Allowance
    let streams: Allowance?
    let replays: TokenBuckets<String>
    let logins: Allowance?
    let callbacks: Allowance?
    let line: SignInLine

    /// - Parameters:
    ///   - hub: delivers the streams; without one, this process has no routes for them.
    ///   - writes: shared with the bot, for users who make changes on both sides.
    ///   - cache: where processes that share it count together how often each user has Discord asked again.
    package init(
        _ configuration: Configuration = Configuration(), database: any Database, directory: GuildDirectory,
        policy: AccessPolicy, sessions: Sessions, games: GameService, accounts: Accounts,
        keyring: Keyring, hub: Hub?, writes: Allowance, cache: any Cache = MemoryCache(), time: TimeSource = .system,
        log: Log = .none
    ) {
        self.configuration = configuration
        self.database = database
        self.directory = directory
        self.policy = policy
        self.sessions = sessions
        self.games = games
        self.accounts = accounts
        self.hub = hub
        self.time = time
        self.log = log.labelled("api")
        sessionCookie = SiteCookie(CurrentSession.cookie, isSiteSecure: configuration.isSecure)
        signInCookie = SiteCookie("tandem_signin", isSiteSecure: configuration.isSecure)
        signIns = SignIns(key: keyring.key(for: "sign-in state"), time: time)
        self.writes = writes
        refreshes = Allowance("refreshes", burst: 5, perSecond: 0.1, cache: cache)
        // Counted by each process for itself, as is what all users together may open.
        let streamBurst = configuration.streamBurst
        streams = streamBurst < 1 ? nil : Allowance("streams", burst: streamBurst, perSecond: 1)
        replays = TokenBuckets(burst: configuration.replayBurst, perSecond: configuration.replayRate, time: time)
        let perAddress = configuration.signInsPerAddress
        let allowance = { (name: String) -> Allowance? in
            perAddress < 1
                ? nil
                : Allowance(name, burst: perAddress, perSecond: Double(perAddress) / 60, cache: cache, time: time)
        }
        logins = allowance("logins")
        callbacks = allowance("callbacks")
        line = SignInLine(places: configuration.signInsAtOnce)
    }

    /// Adds the routes that browsers use.
    package func register(on router: inout RouterBuilder) {
        router.mapErrors(HTTPError.init(for:))
        router.group(
            "/api/v1",
            [OriginCheck(allowed: configuration.allowedOrigins).middleware, Validation.middleware],
            bodyLimit: configuration.bodyLimit
        ) { api in
            api.get("/openapi.json") { _ in try OpenAPI.response() }
            registerSignIn(on: &api)
            api.group("", [requireSession]) { members in
                registerAccount(on: &members)
                registerSessions(on: &members)
                registerPersonalData(on: &members)
                registerGuilds(on: &members)
                registerGames(on: &members)
                registerStreams(on: &members)
            }
        }
    }

    /// Adds the routes that other programs use.
    package func registerInternal(on router: inout RouterBuilder) {
        router.mapErrors(HTTPError.init(for:))
        registerPublishing(on: &router)
    }
}
