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
    package struct Configuration: Sendable {
        /// Origins other than our own whose pages may change things.
        package var allowedOrigins: [String] = []
        /// The largest body of a request, in bytes.
        package var bodyLimit = 64 * 1024
        /// What other programs sign their events with; empty: nobody can publish.
        package var publishSecret = Secret("")

        package init() {}
    }

    let configuration: Configuration
    let directory: GuildDirectory
    let policy: AccessPolicy
    let sessions: Sessions
    let games: GameService
    let accounts: Accounts
    let signIns: SignIns
    let hub: Hub?
    let database: any Database
    let clock: WallClock
    let log: Log
    let writes: Allowance
    let refreshes: Allowance

    /// - Parameters:
    ///   - hub: delivers the streams; without one this process has none, and their addresses aren't there.
    ///   - writes: shared with Discord's face, for whoever changes things on both.
    ///   - cache: where processes that share it count together how often each person asks Discord anew.
    package init(
        _ configuration: Configuration = Configuration(), database: any Database, directory: GuildDirectory,
        policy: AccessPolicy, sessions: Sessions, games: GameService, accounts: Accounts,
        keyring: Keyring, hub: Hub?, writes: Allowance, cache: any Cache = MemoryCache(), clock: WallClock = .system,
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
        self.clock = clock
        self.log = log.labelled("api")
        signIns = SignIns(key: keyring.key(for: "sign-in state"), clock: clock)
        self.writes = writes
        refreshes = Allowance("refreshes", burst: 5, perSecond: 0.1, cache: cache)
    }

    package func register(on router: inout RouterBuilder) {
        router.mapErrors(Answers.answer(to:))
        router.group(
            "/api/v1",
            [
                BodyLimit.middleware(configuration.bodyLimit),
                OriginCheck(allowed: configuration.allowedOrigins).middleware, Answers.uncached,
            ]
        ) { api in
            api.get("/openapi.json") { _ in try OpenAPI.response() }
            registerSignIn(on: &api)
            api.group("", [requireSession]) { members in
                registerAccount(on: &members)
                registerGuilds(on: &members)
                registerGames(on: &members)
                registerStreams(on: &members)
            }
        }
        registerPublishing(on: &router)
    }
}
