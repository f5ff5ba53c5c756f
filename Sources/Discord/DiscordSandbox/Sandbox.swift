package import Core
package import EventLoop
package import Web
import Wire

/// A Discord of our own on one port: gateway, REST API, OAuth2, a page to chat on, and endpoints for scripts.
///
/// It speaks Discord's protocol (API v10), so that stock Discord libraries work with it unchanged, and keeps everything in
/// memory. It is for development and tests: it has no passwords, and any client that reaches its port can act as any user.
/// Only pages of other sites can't, in the browser of somebody who reaches it.
package final class Sandbox: Service {
    /// Where the sandbox listens, and the application that is installed in it.
    package struct Configuration: Sendable {
        package var host: String
        /// 0 takes a free port, which `start` returns.
        package var port: Int
        /// The web pages, `Web` in the sources, of which the chat page uses `sandbox` and `shared`. `nil`: no page.
        package var pages: (any FileSource)?
        /// The application that is installed in both guilds.
        package var application: Registration
        /// Sites that may show the chat page in a frame, such as `http://127.0.0.1:8080`.
        package var frameAncestors: [String]
        /// How often clients must send heartbeats, as Hello asks.
        package var heartbeatInterval: Duration = .milliseconds(41_250)
        /// How many shards of an application may identify in five seconds.
        package var identifyConcurrency = 1
        /// Guilds and people beside those that are always there.
        package var crowd = Seed.Crowd()

        package init(
            host: String = "127.0.0.1", port: Int = 0, pages: (any FileSource)? = nil, application: Registration,
            frameAncestors: [String] = []
        ) {
            self.host = host
            self.port = port
            self.pages = pages
            self.application = application
            self.frameAncestors = frameAncestors
        }
    }

    /// An application as Discord's developer portal knows it.
    package struct Registration: Sendable {
        package var id: UInt64
        package var name: String
        package var clientSecret: Secret
        package var botToken: Secret
        /// Where sign-in may return to; compared exactly.
        package var redirectURIs: [String]

        package init(
            id: UInt64, name: String = "Tandem", clientSecret: Secret, botToken: Secret, redirectURIs: [String]
        ) {
            self.id = id
            self.name = name
            self.clientSecret = clientSecret
            self.botToken = botToken
            self.redirectURIs = redirectURIs
        }
    }

    package let name = "sandbox"
    /// The state behind the port, for tests in the same process.
    package let realm: Realm
    private let server: HTTPServer

    package init(
        configuration: Configuration, group: EventLoopGroup, time: TimeSource = .system, log: Log = .none,
        metrics: Metrics = Metrics()
    ) {
        let log = log.labelled("sandbox")
        let registration = configuration.application
        var settings = Realm.Configuration(
            application: Application(
                id: registration.id, name: registration.name, clientSecret: registration.clientSecret.revealed,
                redirectURIs: registration.redirectURIs, botToken: registration.botToken.revealed,
                ownerID: Seed.Users.mira,
                description: "Keeps a Discord community and its web pages in step."))
        settings.heartbeatInterval = configuration.heartbeatInterval
        settings.identifyConcurrency = configuration.identifyConcurrency
        settings.crowd = configuration.crowd
        let realm = Realm(configuration: settings, time: time, log: log) { delay, work in
            let loop = group.loops[0]
            loop.execute { loop.schedule(after: delay) { work() } }
        }
        self.realm = realm
        let routes = SandboxRoutes(
            realm: realm, pages: configuration.pages, frameAncestors: configuration.frameAncestors)
        let router = Router(trailingSlash: .ignore, log: log) { router in
            // Pages of other sites, which a browser on this machine may show, don't act here.
            router.use(HostCheck(names: [configuration.host]).middleware, OriginCheck(scope: .all).middleware)
            routes.add(to: &router)
        }
        var web = HTTPServerConfiguration()
        // A script may ask for a minute of latency, and to wait another minute for an answer.
        web.handlerTimeout = .seconds(150)
        web.host = configuration.host
        web.port = configuration.port
        web.drainTimeout = .seconds(2)
        server = HTTPServer(
            name: "sandbox", configuration: web, router: router, group: group, log: log, metrics: metrics)
    }

    /// Starts to listen; `run` then serves until it is cancelled.
    ///
    /// - Returns: the port.
    /// - Throws: `NetworkError` when the port can't be used.
    @discardableResult
    package func start() async throws -> Int { try await server.start() }

    /// Serves until the task is cancelled.
    ///
    /// - Throws: `NetworkError` when the port can't be used.
    package func run() async throws { try await server.run() }

    /// Stops as `run` does after cancellation; for a sandbox that was only started.
    package func shutdown() async { await server.shutdown() }
}
