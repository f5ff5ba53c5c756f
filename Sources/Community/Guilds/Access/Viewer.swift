import Crypto

/// A member with what they see of their guild, worked out once.
package struct Viewer: Sendable {
    package let permissions: EffectivePermissions
    /// The channels that they see.
    package let channels: Set<ChannelID>
    /// The same for members who see the same: the guild's managers, and others by the channels that they see.
    package let view: String

    init(_ permissions: EffectivePermissions, channels: [Channel]) {
        self.permissions = permissions
        let visible = channels.filter(permissions.sees).map(\.id).sorted()
        self.channels = Set(visible)
        let list = visible.map(\.description).joined(separator: " ")
        view = permissions.managesGuild ? "manager" : Hex.encode(SHA256.hash(Array(list.utf8)))
    }
}
