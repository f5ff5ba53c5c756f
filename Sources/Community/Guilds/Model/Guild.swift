/// A community: what Discord's clients call a server.
package struct Guild: Hashable, Sendable {
    package let id: GuildID
    package var name: String
    package var iconHash: String?
    /// `nil` while the guild is known only from a member's sign-in.
    package var ownerID: UserID?

    package init(id: GuildID, name: String, iconHash: String? = nil, ownerID: UserID? = nil) {
        self.id = id
        self.name = name
        self.iconHash = iconHash
        self.ownerID = ownerID
    }

    /// Where the icon can be fetched.
    package var iconURL: String? { iconHash.map { "https://cdn.discordapp.com/icons/\(id)/\($0).png" } }
    /// The topic of the guild's events.
    package var topic: String { CommunityTopic.name(of: id) }
}
