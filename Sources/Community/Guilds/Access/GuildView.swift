import Core

/// Of what in a guild a member may know, and for how long that is certain.
package struct GuildView: Sendable, Hashable {
    /// The channels for messages that they see; `nil` for those who manage the guild, who may know of everything.
    package let channels: Set<ChannelID>?
    package let validity: Duration

    /// Of nothing, for somebody who isn't known as a member.
    package static let nothing = GuildView(channels: [], validity: .seconds(1))

    private init(channels: Set<ChannelID>?, validity: Duration) {
        self.channels = channels
        self.validity = validity
    }

    /// - Parameter channels: those of the guild.
    init(_ permissions: EffectivePermissions, _ certainty: Certainty, channels: [Channel], now: Int64) {
        let isManager = permissions.managesGuild
        self.channels = isManager ? nil : Set(channels.filter { $0.holdsMessages && permissions.sees($0) }.map(\.id))
        // What somebody sees whose roles are unknown may only become more.
        let until = permissions.rolesAreKnown ? certainty.rolesUntil : certainty.membershipUntil
        validity = max(.seconds(1), .milliseconds(until - now))
    }
}
