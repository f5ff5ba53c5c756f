/// A channel of a guild.
package struct Channel: Hashable, Sendable {
    /// Discord's channel types that Tandem distinguishes; every other number is kept as it is.
    package enum Kind {
        package static let text = 0
        package static let voice = 2
        package static let category = 4
        package static let announcement = 5
    }

    package let id: ChannelID
    package let guildID: GuildID
    package var name: String
    package var type: Int
    package var position: Int
    package var parentID: ChannelID?
    package var overwrites: [PermissionOverwrite]

    package init(
        id: ChannelID, guildID: GuildID, name: String, type: Int = Kind.text, position: Int = 0,
        parentID: ChannelID? = nil, overwrites: [PermissionOverwrite] = []
    ) {
        self.id = id
        self.guildID = guildID
        self.name = name
        self.type = type
        self.position = position
        self.parentID = parentID
        self.overwrites = overwrites
    }

    /// Whether a message with a card can be posted here.
    package var holdsMessages: Bool { type == Kind.text || type == Kind.announcement }
}

/// What a channel changes for one role or one member.
package struct PermissionOverwrite: Hashable, Sendable {
    /// Whom the overwrite applies to.
    package enum Target: Hashable, Sendable {
        case role(RoleID)
        case member(UserID)
    }

    package let target: Target
    package let allow: GuildPermissions
    package let deny: GuildPermissions

    package init(_ target: Target, allow: GuildPermissions = [], deny: GuildPermissions = []) {
        self.target = target
        self.allow = allow
        self.deny = deny
    }
}
