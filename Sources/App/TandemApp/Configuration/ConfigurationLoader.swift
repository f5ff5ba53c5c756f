import Core
import FoundationEssentials
import Scheduler
import Web

/// Maps the environment and the command line to a `Configuration`. Nothing else in the program reads either. A flag
/// wins over its variable.
package struct ConfigurationLoader {
    private var values: [String: String] = [:]
    private var faults: [String] = []
    private var configuration = Configuration()

    /// - Parameter arguments: what follows the command's name: `--name value`, `--name=value`, `--bench`.
    /// - Throws: `ConfigurationError` with every fault.
    package static func load(environment: [String: String], arguments: [String]) throws(ConfigurationError)
        -> Configuration
    {
        var loader = ConfigurationLoader()
        loader.read(environment)
        loader.read(arguments)
        loader.apply()
        guard loader.faults.isEmpty else { throw ConfigurationError(faults: loader.faults) }
        return loader.configuration
    }

    /// The environment of this process.
    package static func load(arguments: [String]) throws(ConfigurationError) -> Configuration {
        try load(environment: ProcessInfo.processInfo.environment, arguments: arguments)
    }

    private mutating func read(_ environment: [String: String]) {
        let known = Dictionary(uniqueKeysWithValues: Option.all.map { ($0.variable, $0) })
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("TANDEM_") {
            if let option = known[variable] {
                if !value.isEmpty { values[option.name] = value }
            } else if variable != "TANDEM_PYTHON" {
                faults.append("\(variable) is not a setting: `tandem help` lists them")
            }
        }
    }

    private mutating func read(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--bench" {
                configuration.isBench = true
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let option = Option.all.first(where: { $0.flag == parts[0] }) else {
                faults.append("\(parts[0]) is not a flag: `tandem help` lists them")
                if parts.count == 1, let value = rest.first, !value.hasPrefix("--") { rest = rest.dropFirst() }
                continue
            }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                faults.append("\(option.flag) takes a value: \(option.form)")
                continue
            }
            if option.isSecret {
                faults.append(
                    "\(option.flag) would show a secret in the list of processes: set \(option.variable) instead")
            } else {
                values[option.name] = value
            }
        }
    }

    private mutating func apply() {
        parse("roles", \.roles) { text in
            let names = text.split(separator: ",").map { String($0).trimmed }
            let roles = names.compactMap(Configuration.Role.init)
            return roles.count == names.count && !roles.isEmpty ? Set(roles) : nil
        }
        parse("host", \.http.host) { $0 }
        parse("port", \.http.port) { Self.number($0, in: 1...65_535) }
        parse(optional: "internal-address", \.http.internalAddress) { Configuration.Address($0) }
        parse(optional: "public-url", \.http.publicURL) { Self.url($0) }
        parse(optional: "web", \.http.webFolder) { $0 }
        parse("trusted-proxies", \.http.trustedProxies) { text in
            let proxies = text.split(separator: ",").map { String($0).trimmed }
            return proxies.allSatisfy { IPNetwork($0) != nil } ? proxies : nil
        }
        parse("drain", \.http.drain) { Self.number($0, in: 0...600).map { .seconds($0) } }
        parse("stream-rate", \.http.streamRate) { Self.number($0, in: 0...1_000_000) }
        parse("streams-per-person", \.http.streamsPerPerson) { Self.number($0, in: 0...1_000_000) }
        parse("connections-per-address", \.http.connectionsPerAddress) { Self.number($0, in: 0...1_000_000) }
        parse("sign-ins-per-address", \.http.signInsPerAddress) { Self.number($0, in: 0...1_000_000) }
        parse("new-games-per-person", \.games.newPerPerson) { Self.number($0, in: 0...1_000_000) }
        parse("open-games-per-person", \.games.openPerPerson) { Self.number($0, in: 0...1_000_000) }
        parse("open-games-per-guild", \.games.openPerGuild) { Self.number($0, in: 0...1_000_000) }
        parse("sessions-per-person", \.http.sessionsPerPerson) { Self.number($0, in: 0...1_000_000) }
        parse("data", \.dataFolder) { $0 }
        parse(optional: "database-url", \.servers.database) { Self.address($0, of: ["postgres", "postgresql"]) }
        parse(optional: "bus-url", \.servers.bus) { Self.address($0, of: ["redis", "rediss", "amqp", "amqps"]) }
        parse(optional: "cache-url", \.servers.cache) { Self.address($0, of: ["redis", "rediss"]) }
        parse(optional: "loops", \.loops) { Self.number($0, in: 1...64) }
        parse("log", \.logging.format) { Log.Format(rawValue: $0) }
        parse("log-level", \.logging.level) { name in Log.Level.allCases.first { $0.name == name } }
        parse("secret", \.secret) { $0.utf8.count >= 32 ? Secret($0) : nil }
        parse("publish-secret", \.publishSecret) { $0.utf8.count >= 32 ? Secret($0) : nil }
        parse("ingest", \.ingest) { Configuration.Ingest(rawValue: $0) }
        parse("discord-api", \.discord.api) { Self.url($0) }
        parse("discord-web", \.discord.web) { Self.url($0) }
        parse("discord-client-id", \.discord.clientID) { UInt64($0) == nil ? nil : $0 }
        parse("discord-client-secret", \.discord.clientSecret) { Secret($0) }
        parse("discord-bot-token", \.discord.botToken) { Secret($0) }
        parse(optional: "shards", \.discord.shards) { Self.number($0, in: 1...1000) }
        parse(optional: "sandbox-host", \.sandbox.host) { $0 }
        parse("sandbox-port", \.sandbox.port) { Self.number($0, in: 1...65_535) }
        parse("sandbox-guilds", \.sandbox.guilds) { Self.number($0, in: 0...100_000) }
        parse("sandbox-members", \.sandbox.members) { Self.number($0, in: 1...100_000) }
        if configuration.isBench, !configuration.http.isOnLoopback {
            faults.append(
                "--bench publishes without a signature, so it works on a loopback address only: leave TANDEM_HOST out")
        }
    }

    private mutating func parse<Value>(
        _ name: String, _ path: WritableKeyPath<Configuration, Value>, _ convert: (String) -> Value?
    ) {
        if let value = read(name, convert) { configuration[keyPath: path] = value }
    }

    /// For what has no standard value: nothing converted is a fault here too, not nothing set.
    private mutating func parse<Value>(
        optional name: String, _ path: WritableKeyPath<Configuration, Value?>, _ convert: (String) -> Value?
    ) {
        if let value = read(name, convert) { configuration[keyPath: path] = value }
    }

    private mutating func read<Value>(_ name: String, _ convert: (String) -> Value?) -> Value? {
        guard let text = values[name], let option = Option.all.first(where: { $0.name == name }) else { return nil }
        let value = convert(text)
        if value == nil {
            let shown = option.isSecret ? "what it holds" : "“\(text)”"
            faults.append("\(option.variable) (\(option.flag)) takes \(option.form), not \(shown)")
        }
        return value
    }

    private static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
        Int(text).flatMap { range.contains($0) ? $0 : nil }
    }

    /// The address of a server; what follows its scheme is judged by who connects.
    private static func address(_ text: String, of schemes: [String]) -> Secret? {
        schemes.contains { text.hasPrefix($0 + "://") && text.utf8.count > $0.utf8.count + 3 } ? Secret(text) : nil
    }

    /// An http or https address, without a slash at its end.
    private static func url(_ text: String) -> String? {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            url.host() != nil
        else { return nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
