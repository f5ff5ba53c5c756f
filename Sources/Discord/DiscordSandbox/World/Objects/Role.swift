/// A role of a guild. The role whose id is the guild's id is @everyone.
package struct Role: Sendable, Equatable {
    package let id: UInt64
    package var name: String
    package var permissions: Permissions
    package var position: Int
    package var color = 0
    package var hoist = false
    package var mentionable = false
    /// The bot that this is the managed role of: it can't be assigned.
    package var botID: UInt64?
}
