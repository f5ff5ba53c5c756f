import Core
package import Store

/// What this process remembers of who asks and what they may see: sessions, memberships, and members with what they see of
/// their guild. `ReadMemory` says when it's believed.
package final class AccessMemory: Sendable {
    /// A user as a member of a guild.
    struct Place: Hashable, Sendable {
        let user: UserID
        let guild: GuildID
    }

    let memory: ReadMemory
    let sessions: ReadTable<String, Session>
    let memberships: ReadTable<UserID, [Confirmation]>
    let viewers: ReadTable<Place, Viewer>
    let roles: ReadTable<GuildID, [Role]>
    let channelsForCards: ReadTable<GuildID, [Channel]>

    /// - Parameter bytes: how much is remembered, roughly.
    package init(_ memory: ReadMemory, bytes: Int = 64 * 1024 * 1024) {
        self.memory = memory
        sessions = ReadTable(memory, "sessions", bytes: bytes / 4)
        memberships = ReadTable(memory, "memberships", bytes: bytes / 8)
        viewers = ReadTable(memory, "viewers", bytes: bytes / 2)
        roles = ReadTable(memory, "roles", bytes: bytes / 16)
        channelsForCards = ReadTable(memory, "channels", bytes: bytes / 16)
    }

    /// How long something about people is kept at most, in milliseconds: a session's use is recorded when it's read again.
    static let lifetime = AccessCache.lifetime.milliseconds
}
