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
    let memberships: ReadTable<UserID, [RememberedMembership]>
    /// Until when the gateway vouches for each guild.
    let vouching: ReadTable<GuildID, Int64>
    let viewers: ReadTable<Place, Viewer>
    let roles: ReadTable<GuildID, [Role]>
    let channelsForCards: ReadTable<GuildID, [Channel]>

    /// - Parameter bytes: how much is remembered at most, roughly. The shares are such that 40,000 people who come again and again
    ///   fit into all tables: of a full table, what is certain to stay is half.
    package init(_ memory: ReadMemory, bytes: Int = 256 * 1024 * 1024) {
        self.memory = memory
        sessions = ReadTable(memory, "sessions", bytes: bytes / 16 * 3)
        memberships = ReadTable(memory, "memberships", bytes: bytes / 16 * 3)
        viewers = ReadTable(memory, "viewers", bytes: bytes / 2)
        vouching = ReadTable(memory, "vouching", bytes: bytes / 32)
        roles = ReadTable(memory, "roles", bytes: bytes / 32)
        channelsForCards = ReadTable(memory, "channels", bytes: bytes / 16)
    }

    /// How long something about people is kept at most, in milliseconds: a session's use is recorded when it's read again.
    static let lifetime = Sessions.resolution.milliseconds
    /// How old what is known of the gateway may be, in milliseconds: each sign of life prolongs what it vouches for.
    private static let vouchingLifetime = Duration.seconds(30).milliseconds

    /// Until when the gateway vouches for the guild, in milliseconds since 1970; 0 if it doesn't.
    func vouchedUntil(
        _ guild: GuildID, now: Int64, seen cursor: Cursor?, _ read: () async throws -> Int64?
    ) async throws -> Int64 {
        try await vouching.value(for: guild, seen: cursor, about: [CommunitySubject.guild(guild)]) {
            try await read().map { ReadTable.Read($0, bytes: 8, until: min($0, now + Self.vouchingLifetime)) }
        } ?? 0
    }
}
