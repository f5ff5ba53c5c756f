/// A registered application command.
package struct Command: Sendable {
    package let id: UInt64
    package let applicationID: UInt64
    package let guildID: UInt64?
    package var name: String
    /// 1 chat input, 2 user, 3 message.
    package let type: Int
    /// The command as Discord returns it.
    package var json: JSON
}
