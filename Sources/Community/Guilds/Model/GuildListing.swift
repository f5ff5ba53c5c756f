/// A guild in a user's list.
package struct GuildListing: Sendable, Hashable {
    package let guild: Guild
    package let isOwner: Bool
    package let canManage: Bool
    package let botInstalled: Bool

    package init(guild: Guild, isOwner: Bool, canManage: Bool, botInstalled: Bool) {
        self.guild = guild
        self.isOwner = isOwner
        self.canManage = canManage
        self.botInstalled = botInstalled
    }
}
