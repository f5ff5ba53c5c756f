package import Guilds

/// Assembles guilds' member lists from their chunks while members come and go. It reads no clock.
package struct MemberChunks {
    private struct List {
        let nonce: String
        var members: Set<UserID> = []
        var parts: Set<Int> = []
        /// Who joined or left while the chunks were on their way; a chunk may be older than that.
        var joined: Set<UserID> = []
        var left: Set<UserID> = []
    }

    private var lists: [GuildID: List] = [:]
    private var requests = 0

    package init() {}

    /// A list is requested; an earlier request for the guild no longer counts. Returns the nonce to send with the request.
    package mutating func requested(_ guild: GuildID) -> String {
        requests += 1
        let nonce = "members-\(requests)"
        lists[guild] = List(nonce: nonce)
        return nonce
    }

    /// Every list that is incomplete is requested again. Returns the guilds, with the nonces to send.
    package mutating func requestedAgain() -> [(guild: GuildID, nonce: String)] {
        lists.keys.sorted().map { ($0, requested($0)) }
    }

    /// A chunk was received.
    ///
    /// - Returns: which of `users` may be recorded, and the whole list when this was its last chunk. A chunk of a list that
    ///   no longer counts may name members who have left since: nothing of it is used.
    package mutating func received(
        _ users: [UserID], of guild: GuildID, part: Int, of count: Int, nonce: String?
    ) -> (current: Set<UserID>, complete: Set<UserID>?) {
        guard var list = lists[guild], nonce == nil || list.nonce == nonce else { return ([], nil) }
        let current = Set(users).subtracting(list.left)
        list.members.formUnion(current)
        list.parts.insert(part)
        lists[guild] = list
        return (current, list.parts.count >= count ? list.members.union(list.joined) : nil)
    }

    /// A member joined the guild, or is known to be in it.
    package mutating func joined(_ user: UserID, _ guild: GuildID) {
        lists[guild]?.joined.insert(user)
        lists[guild]?.left.remove(user)
    }

    /// A member left the guild.
    package mutating func left(_ user: UserID, _ guild: GuildID) {
        lists[guild]?.left.insert(user)
        lists[guild]?.joined.remove(user)
        lists[guild]?.members.remove(user)
    }

    /// The guild's whole list was recorded, or the guild is gone.
    package mutating func forgot(_ guild: GuildID) { lists[guild] = nil }

    /// A new gateway session begins: no request of the former one is answered.
    package mutating func forgotAll() { lists = [:] }
}
