/// Where a command is called from. See Discord's Application Command Types
/// (interactions/application-commands#application-command-object-application-command-types).
package struct CommandType: RawRepresentable, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let chatInput = CommandType(rawValue: 1)
    package static let user = CommandType(rawValue: 2)
    package static let message = CommandType(rawValue: 3)
    package static let entryPoint = CommandType(rawValue: 4)

    package static var neutral: CommandType { .chatInput }
}
