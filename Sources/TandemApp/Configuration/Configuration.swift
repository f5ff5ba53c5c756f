package import Core

/// Everything that can be set, read once at the start.
package struct Configuration: Sendable {
    package enum Role: String, Sendable, CaseIterable {
        /// The web pages and the REST interface.
        case api
        /// Event streams.
        case hub
        /// The Discord bot.
        case bot
    }

    package struct HTTP: Sendable {
        package var host = "127.0.0.1"
        package var port = 8080
        package var publicURL: String?
        package var trustedProxies: [String] = []
        package var webFolder: String?
        package var drain: Duration = .seconds(10)
    }

    package struct Discord: Sendable {
        package var api = "https://discord.com/api/v10"
        package var web = "https://discord.com"
        package var clientID = ""
        package var clientSecret = Secret("")
        package var botToken = Secret("")
    }

    package struct Logging: Sendable {
        package var level = Log.Level.info
        package var format = Log.Format.text
    }

    package var roles = Set(Role.allCases)
    package var http = HTTP()
    package var discord = Discord()
    package var logging = Logging()
    package var dataFolder = "tandem-data"
    package var loops: Int?
    package var sandboxPort = 8081
    package var secret = Secret("")
    package var publishSecret = Secret("")
    /// Offers unsigned publishing and streams without a session, on loopback only, with an event log in memory.
    package var isBench = false
}

/// All that is wrong with the configuration, not only the first thing.
package struct ConfigurationError: CodedError {
    package let faults: [String]

    package var code: String { "configuration" }
    package var message: String { faults.joined(separator: "\n") }
}
