import Crypto

/// A member with what they see of their guild, worked out once.
package struct Viewer: Sendable {
    package let permissions: EffectivePermissions
    /// The channels that they see.
    package let channels: Set<ChannelID>
    /// The same for members who see the same: the guild's managers, and others by the channels that they see.
    package let view: String
    /// Until when the roles are certain by their own confirmation; they are also as long as the gateway vouches for the guild.
    let confirmedUntil: Int64

    /// - Parameter permissions: with roles that are certain.
    init(_ permissions: EffectivePermissions, _ certainty: Certainty, channels: [Channel]) {
        self.permissions = permissions
        confirmedUntil = min(certainty.rolesConfirmedUntil, certainty.membershipConfirmedUntil)
        let visible = channels.filter(permissions.sees).map(\.id).sorted()
        self.channels = Set(visible)
        let list = visible.map(\.description).joined(separator: " ")
        view = permissions.managesGuild ? "manager" : Hex.encode(SHA256.hash(Array(list.utf8)))
    }
}
