import Core
import Discord
import Guilds
import Scheduler

/// The command `/game`: how it is registered with Discord, and how what a user typed is read.
enum GameCommand {
    static let name = "game"

    static let draft = CommandDraft(
        name: name, description: "Games in this server",
        options: [
            CommandOption(
                type: .subcommand, name: "create", description: "Announce a game in this channel",
                options: [
                    CommandOption(
                        type: .string, name: "title", description: "What you play", required: true, minLength: 1,
                        maxLength: 200),
                    CommandOption(
                        type: .string, name: "when",
                        description: "2027-03-01 18:30, tomorrow 20:00, in 2 hours (UTC unless you add +02:00)",
                        required: true, minLength: 1, maxLength: 100),
                    CommandOption(
                        type: .integer, name: "players", description: "How many seats there are (10)", minValue: 1,
                        maxValue: 100),
                    CommandOption(
                        type: .string, name: "where", description: "A place, a voice channel, a link", maxLength: 500),
                    CommandOption(
                        type: .string, name: "description", description: "What people should know", maxLength: 2000),
                    CommandOption(
                        type: .integer, name: "duration", description: "Minutes (60)", minValue: 1, maxValue: 10_080),
                ]),
            CommandOption(type: .subcommand, name: "list", description: "The upcoming games in this server"),
        ], integrationTypes: [0], contexts: [0])

    /// What a user typed.
    enum Request: Hashable {
        case create(title: String, when: String, players: Int?, place: String?, description: String?, duration: Int?)
        case list
    }

    /// `nil` when it is another command, or a form of this one that is no longer registered.
    static func request(_ data: InteractionData) -> Request? {
        guard data.name == name, let subcommand = data.options?.first else { return nil }
        func option(_ name: String) -> JSONValue? { subcommand.options?.first { $0.name == name }?.value }
        switch subcommand.name {
        case "list": return .list
        case "create":
            guard let title = option("title")?.string, let when = option("when")?.string else { return nil }
            return .create(
                title: title, when: when, players: option("players")?.integer.map { Int(clamping: $0) },
                place: option("where")?.string, description: option("description")?.string,
                duration: option("duration")?.integer.map { Int(clamping: $0) })
        default: return nil
        }
    }
}
