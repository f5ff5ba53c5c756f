import API
import Core
import EventLoop
import Fanout
import Store
import Web

/// The servers of a process.
extension Node {
    /// Returns what listens: the site, and before it the internal addresses if they have a listener of their own, so that they
    /// answer until the site has stopped.
    ///
    /// - Throws: when the pages aren't found or a port is taken.
    static func openWeb(
        _ configuration: Configuration, _ backend: Backend, hub: Hub?, sandboxURL: String?
    ) async throws -> [HTTPServer] {
        let probes = probes(backend)
        let api = webAPI(configuration, backend, hub: hub)
        let access = AccessLog(log: backend.log.labelled("access"), metrics: backend.metrics)
        let hosts = HostCheck(names: configuration.publicHost.map { [$0] } ?? [])
        let isInternalApart = configuration.http.internalAddress != nil
        let router = try Router(log: backend.log) { router in
            var security = SecurityHeaders()
            security.isSiteSecure = configuration.isPublicURLSecure
            router.use(hosts.middleware)
            router.finish(security.finisher, access.finisher)
            probes.mountHealth(on: &router)
            api?.register(on: &router)
            if !isInternalApart {
                probes.mountDetails(on: &router)
                api?.registerInternal(on: &router)
            }
            if configuration.roles.contains(.api) {
                let pages = try WebPages.find(configuration.http.webFolder)
                try PageRoutes(
                    PageRoutes.Configuration(
                        files: pages.files, discordWeb: configuration.discord.web, sandboxURL: sandboxURL)
                ).register(on: &router)
            }
        }
        let site = HTTPServer(
            configuration: HTTPServerConfiguration(configuration.http), router: router, group: backend.group,
            log: backend.log, metrics: backend.metrics)
        if let hub {
            let spread = configuration.http.drain
            site.onDrain { await hub.drain(over: spread) }
        }
        var servers = [site]
        if let address = configuration.http.internalAddress {
            var listening = HTTPServerConfiguration()
            listening.host = address.host
            listening.port = address.port
            listening.maximumConnections = 256
            // Reached by names that only its network knows, and by no browser.
            let router = Router(log: backend.log) { router in
                router.finish(SecurityHeaders().finisher, access.finisher)
                probes.mountHealth(on: &router)
                probes.mountDetails(on: &router)
                api?.registerInternal(on: &router)
            }
            // Its connections are not those that the metrics are about.
            servers.insert(
                HTTPServer(
                    name: "internal", configuration: listening, router: router, group: backend.group, log: backend.log),
                at: 0)
        }
        for server in servers { try await server.start() }
        return servers
    }

    private static func webAPI(_ configuration: Configuration, _ backend: Backend, hub: Hub?) -> WebAPI? {
        guard configuration.roles.contains(.api) || hub != nil else { return nil }
        var api = WebAPI.Configuration()
        api.allowedOrigins = [configuration.publicURL]
        api.isSecure = configuration.isPublicURLSecure
        api.publishSecret = configuration.publishSecret
        api.streamBurst = 2 * configuration.http.streamsPerPerson
        api.signInsPerAddress = configuration.http.signInsPerAddress
        return WebAPI(
            api, database: backend.database, directory: backend.directory, policy: backend.policy,
            sessions: backend.sessions, games: backend.games, accounts: backend.accounts,
            keyring: backend.keyring, hub: hub, writes: backend.writes, cache: backend.busAndCache.cache,
            log: backend.log)
    }

    private static func probes(_ backend: Backend) -> Probes {
        let probes = Probes(metrics: backend.metrics)
        let database = backend.database
        probes.addCheck("database") {
            do {
                _ = try await database.read { try await $0.query("SELECT 1 AS one") }
                return nil
            } catch {
                return "can't be read"
            }
        }
        for note in backend.busAndCache.notes { probes.addNote(note.name, note.note) }
        probes.addNote("dead_letters") {
            guard let letters = try? await DeadLetters(database).summary(), !letters.isEmpty else { return nil }
            return letters.map { "\($0.consumer): \($0.count)" }.joined(separator: ", ")
        }
        return probes
    }
}

extension HTTPServerConfiguration {
    init(_ http: Configuration.HTTP) {
        self.init()
        host = http.host
        port = http.port
        drainTimeout = http.drain
        lastRequestTimeout = min(http.drain / 4, .milliseconds(500))
        maximumConnections = min(maximumConnections, OpenFiles.connections(within: OpenFiles.raiseLimit()))
        connectionsPerAddress = http.connectionsPerAddress
        trustedProxies = TrustedProxies(http.trustedProxies.compactMap { IPNetwork($0) })
    }
}
