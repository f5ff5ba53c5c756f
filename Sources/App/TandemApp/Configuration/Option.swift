/// One setting: how the environment and the command line name it, and what it means.
struct Option: Sendable {
    /// What the setting accepts, for the help.
    let form: String
    let summary: String
    /// Shown by `help`; nil when there is no default.
    let standard: String?
    let isSecret: Bool
    /// `port` stands for `TANDEM_PORT` and `--port`.
    let name: String

    init(_ name: String, _ form: String, _ summary: String, standard: String? = nil, isSecret: Bool = false) {
        self.name = name
        self.form = form
        self.summary = summary
        self.standard = standard
        self.isSecret = isSecret
    }

    var variable: String { "TANDEM_" + name.uppercased().replacing("-", with: "_") }
    var flag: String { "--" + name }

    static let all: [Option] = [
        Option("roles", "api,hub,bot", "which parts this process runs", standard: "api,hub,bot"),
        Option("host", "address", "the address to listen on", standard: "127.0.0.1"),
        Option("port", "1–65535", "the port of the web server", standard: "8080"),
        Option(
            "internal-address", "host:port",
            "where to serve /metrics, /readyz and /internal, and the pages' port no longer does",
            standard: "the pages' port"),
        Option("public-url", "URL", "how browsers reach this server", standard: "http://<host>:<port>"),
        Option("data", "folder", "where SQLite's database is kept", standard: "tandem-data"),
        Option(
            "database-url", "postgres://user:password@host:5432/name", "a PostgreSQL database for several processes",
            standard: "SQLite in <data>", isSecret: true),
        Option(
            "bus-url", "redis://, rediss://, amqp:// or amqps://user:password@host",
            "Redis or RabbitMQ to carry events",
            standard: "the database wakes its readers", isSecret: true),
        Option(
            "cache-url", "redis:// or rediss://user:password@host", "Redis for what processes remember together",
            standard: "each for itself", isSecret: true),
        Option(
            "web", "folder", "where the pages are",
            standard: "Web beside the program, else the program's own; in a debug build also Web in the working folder"),
        Option("loops", "1–64", "event-loop threads", standard: "one a core, at most 4"),
        Option("log", "text or json", "the form of the log", standard: "text"),
        Option("log-level", "debug, info, warning or error", "what is worth a line in the log", standard: "info"),
        Option(
            "trusted-proxies", "addresses or networks", "reverse proxies whose X-Forwarded-* headers count",
            standard: "none"),
        Option(
            "stream-rate", "0–1000000",
            "new event streams a second, beyond which clients are told to come later; 0: any number", standard: "1000"),
        Option(
            "streams-per-person", "0–1000000", "event streams and WebSockets that one person may have; 0: any number",
            standard: "20"),
        Option(
            "connections-per-address", "0–1000000",
            "connections that one address (of IPv6, one /64) may have, streams alone behind a trusted proxy; 0: any number",
            standard: "1000, any number with --bench"),
        Option(
            "sign-ins-per-address", "0–1000000",
            "sign-ins a minute that one address (of IPv6, one /64) may begin, and complete; 0: any number",
            standard: "30"),
        Option(
            "sessions-per-person", "0–1000000",
            "browsers that one person may be signed in with: then the one ends that was used longest ago; 0: any number",
            standard: "20"),
        Option(
            "new-games-per-person", "0–1000000", "games that one person may plan within ten minutes; 0: any number",
            standard: "5"),
        Option(
            "open-games-per-person", "0–1000000",
            "games of one host that are neither over nor called off; 0: any number", standard: "50"),
        Option(
            "open-games-per-guild", "0–1000000",
            "games of one server that are neither over nor called off; 0: any number", standard: "500"),
        Option("drain", "seconds", "how long a stopping server waits for requests", standard: "10"),
        Option(
            "secret", "32 or more characters", "signs sign-in states and seals tokens",
            standard: "made once, kept in <data>; needed with database-url",
            isSecret: true),
        Option("publish-secret", "32 or more characters", "signs events that other programs publish", isSecret: true),
        Option(
            "ingest", "off, signed or unsigned",
            "events that other programs publish on RabbitMQ: signed with publish-secret, or whoever may write there",
            standard: "off"),
        Option("discord-api", "URL", "the base of Discord's REST API", standard: "https://discord.com/api/v10"),
        Option("discord-web", "URL", "the base of links into Discord", standard: "https://discord.com"),
        Option("discord-client-id", "snowflake", "the application's id"),
        Option("discord-client-secret", "text", "the application's OAuth2 secret", isSecret: true),
        Option("discord-bot-token", "text", "the bot's token", isSecret: true),
        Option(
            "shards", "1–1000", "how many gateway sessions share the bot's guilds, the same in all processes",
            standard: "as Discord recommends"),
        Option(
            "sandbox-host", "address", "the address of the sandbox; whoever reaches it can act as anybody",
            standard: "<host> if it is a loopback address, else 127.0.0.1"),
        Option("sandbox-port", "1–65535", "the port of the sandbox that `demo` starts", standard: "8081"),
        Option("sandbox-guilds", "0–100000", "how many guilds the sandbox has beside its two", standard: "0"),
        Option("sandbox-members", "1–100000", "how many members each of those guilds has", standard: "10"),
    ]
}
