package import Core
import FoundationEssentials
package import Scheduler

/// Everything that can be set, read once at the start.
package struct Configuration: Sendable {
    /// A part of the program that a process may run; by default a process runs all of them.
    package enum Role: String, Sendable, CaseIterable {
        /// The web pages and the REST interface.
        case api
        /// Event streams.
        case hub
        /// The Discord bot.
        case bot
    }

    /// Which events of other programs are taken from RabbitMQ.
    package enum Ingest: String, Sendable {
        case off, signed, unsigned
    }

    /// Where something listens.
    package struct Address: Sendable, Equatable {
        package let host: String
        package let port: Int

        /// Nil unless the text is `host:port`; an address of IPv6 stands in brackets.
        package init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (1...65_535).contains(port)
            else { return nil }
            let host = text[..<colon]
            let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
            guard isBracketed || !host.contains(":") else { return nil }
            self.host = String(isBracketed ? host.dropFirst().dropLast() : host)
            self.port = port
            guard !self.host.isEmpty else { return nil }
        }
    }

    /// Where the process listens for HTTP, and how it stops.
    package struct HTTP: Sendable {
        package var host = "127.0.0.1"
        package var port = 8080
        package var publicURL: String?
        /// Where metrics, readiness and publishing are served, if not with the pages.
        package var internalAddress: Address?
        package var trustedProxies: [String] = []
        package var webFolder: String?
        package var drain: Duration = .seconds(10)
        /// New event streams a second; 0: any number.
        package var streamRate = 1000
        /// Event streams and WebSockets of one person; 0: any number.
        package var streamsPerPerson = 20
        /// Connections of one address; 0: any number.
        package var connectionsPerAddress = 1000
        /// Sign-ins a minute from one address; 0: any number.
        package var signInsPerAddress = 30
        /// In how many browsers a person may be signed in; 0: any number.
        package var sessionsPerPerson = 20

        /// Whether only this machine can connect.
        var isOnLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }
    }

    /// The Discord application, and the addresses of Discord or of the sandbox.
    package struct Discord: Sendable {
        package var api = "https://discord.com/api/v10"
        package var web = "https://discord.com"
        package var clientID = ""
        package var clientSecret = Secret("")
        package var botToken = Secret("")
        /// How many gateway sessions share the bot's guilds; `nil` for as many as Discord recommends.
        package var shards: Int?
    }

    /// The sandbox that `demo` and `sandbox` start.
    package struct SandboxSettings: Sendable {
        /// `nil` for the server's own address if that is one of loopback.
        package var host: String?
        package var port = 8081
        /// How many guilds it has beside its two, and how many members each of them has.
        package var guilds = 0
        package var members = 10
    }

    /// What is logged and how.
    package struct Logging: Sendable {
        package var level = Log.Level.info
        package var format = Log.Format.text
    }

    /// Servers that several processes share. Their addresses hold passwords.
    package struct Servers: Sendable {
        /// PostgreSQL; without it, SQLite in the data folder.
        package var database: Secret?
        /// Redis or RabbitMQ; without it, the database wakes whoever waits for events.
        package var bus: Secret?
        /// Redis; without it, each process remembers for itself.
        package var cache: Secret?
    }

    package var roles = Set(Role.allCases)
    package var http = HTTP()
    package var discord = Discord()
    package var games = GameLimits()
    package var logging = Logging()
    package var servers = Servers()
    package var dataFolder = "tandem-data"
    package var loops: Int?
    package var sandbox = SandboxSettings()
    package var secret = Secret("")
    package var publishSecret = Secret("")
    package var ingest = Ingest.off
    /// Offers unsigned publishing and streams without a session and nothing else, on loopback only, with an event log in
    /// memory.
    package var isBench = false
}

extension Configuration {
    /// How browsers reach this server.
    package var publicURL: String {
        http.publicURL ?? "http://\(http.host.contains(":") ? "[\(http.host)]" : http.host):\(http.port)"
    }

    /// Whether people reach this server over TLS, which a proxy in front has.
    package var isPublicURLSecure: Bool { publicURL.hasPrefix("https://") }

    /// The name by which browsers know this server.
    package var publicHost: String? { URL(string: publicURL)?.host() }

    /// Where the sandbox listens: on loopback, unless a setting of its own says otherwise, since it believes everybody.
    package var sandboxHost: String { sandbox.host ?? (http.isOnLoopback ? http.host : HTTP().host) }

    /// Where Discord sends people back to after they signed in; registered with the application.
    package var redirectURL: String { publicURL + "/api/v1/auth/callback" }

    var roleNames: String { Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ",") }

    /// The public address under each name that this machine has for itself.
    var loopbackNames: [String] {
        [
            publicURL, publicURL.replacing("127.0.0.1", with: "localhost"),
            publicURL.replacing("localhost", with: "127.0.0.1"),
        ]
    }

    /// What `serve` can't do without, as sentences that say what to set.
    var missingForServe: [String] {
        [
            (
                discord.clientID.isEmpty,
                "TANDEM_DISCORD_CLIENT_ID is not set: it is the application's id, see docs/discord.md"
            ),
            (discord.clientSecret.revealed.isEmpty, "TANDEM_DISCORD_CLIENT_SECRET is not set: people couldn't sign in"),
            (
                roles.contains(.bot) && discord.botToken.revealed.isEmpty,
                "TANDEM_DISCORD_BOT_TOKEN is not set: the bot couldn't connect"
            ),
            (
                servers.database != nil && secret.revealed.isEmpty,
                "TANDEM_SECRET is not set: processes that share a database share it too, or they wouldn't know each other's"
                    + " sessions; make one with `openssl rand -hex 32`"
            ),
            (
                ingest != .off && servers.bus?.revealed.hasPrefix("amqp") != true,
                "TANDEM_INGEST takes events from RabbitMQ, which TANDEM_BUS_URL doesn't name"
            ),
            (
                ingest == .signed && publishSecret.revealed.isEmpty,
                "TANDEM_PUBLISH_SECRET is not set: with TANDEM_INGEST=signed, other programs sign their events with it"
            ),
        ].filter(\.0).map(\.1)
    }

    /// What works, though not as it should, as a sentence that says what to set. `nil` if there is nothing.
    package var proxyWarning: String? {
        guard isPublicURLSecure, http.trustedProxies.isEmpty, !roles.isDisjoint(with: [.api, .hub]) else { return nil }
        return
            "\(publicURL) is reached through a proxy, but TANDEM_TRUSTED_PROXIES is not set: everybody counts as one client,"
            + " the proxy, and shares its limits; set it to the address from which the proxy connects, such as 127.0.0.1"
    }
}

/// All that is wrong with the configuration, not only the first thing.
package struct ConfigurationError: CodedError {
    package let faults: [String]

    package var code: String { "configuration" }
    package var message: String { faults.joined(separator: "\n") }
}
