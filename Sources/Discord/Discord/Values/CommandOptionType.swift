/// The kind of a command option. See Discord's Application Command Option Type
/// (interactions/application-commands#application-command-object-application-command-option-type).
package struct CommandOptionType: RawRepresentable, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let subcommand = CommandOptionType(rawValue: 1)
    package static let subcommandGroup = CommandOptionType(rawValue: 2)
    package static let string = CommandOptionType(rawValue: 3)
    package static let integer = CommandOptionType(rawValue: 4)
    package static let boolean = CommandOptionType(rawValue: 5)
    package static let user = CommandOptionType(rawValue: 6)
    package static let channel = CommandOptionType(rawValue: 7)
    package static let role = CommandOptionType(rawValue: 8)
    package static let mentionable = CommandOptionType(rawValue: 9)
    package static let number = CommandOptionType(rawValue: 10)
    package static let attachment = CommandOptionType(rawValue: 11)

    package static var neutral: CommandOptionType { .subcommand }
}
