package import Guilds

/// Puts the parts of guilds' member lists together, while people come and go. It reads no clock.
package struct MemberChunks {
    private struct List {
        let nonce: String
        var members: Set<UserID> = []
        var parts: Set<Int> = []
        /// Who came or went while the parts were on their way; a part may be older than that.
        var came: Set<UserID> = []
        var left: Set<UserID> = []
    }

    private var lists: [GuildID: List] = [:]
    private var requests = 0

    package init() {}

    /// A list was asked for; an earlier one of the guild no longer counts. Returns the nonce to ask with.
    package mutating func requested(_ guild: GuildID) -> String {
        requests += 1
        let nonce = "members-\(requests)"
        lists[guild] = List(nonce: nonce)
        return nonce
    }

    /// The lists that are not whole are asked for anew: which guilds, and the nonces to ask with.
    package mutating func requestedAgain() -> [(guild: GuildID, nonce: String)] {
        lists.keys.sorted().map { ($0, requested($0)) }
    }

    /// - Returns: which of these may be taken over, and the whole list when this was its last part. A part of a list that
    ///   no longer counts may name people who have left since: nothing of it is taken.
    package mutating func received(
        _ users: [UserID], of guild: GuildID, part: Int, of count: Int, nonce: String?
    ) -> (current: Set<UserID>, complete: Set<UserID>?) {
        guard var list = lists[guild], nonce == nil || list.nonce == nonce else { return ([], nil) }
        let current = Set(users).subtracting(list.left)
        list.members.formUnion(current)
        list.parts.insert(part)
        lists[guild] = list
        return (current, list.parts.count >= count ? list.members.union(list.came) : nil)
    }

    package mutating func joined(_ user: UserID, _ guild: GuildID) {
        lists[guild]?.came.insert(user)
        lists[guild]?.left.remove(user)
    }

    package mutating func left(_ user: UserID, _ guild: GuildID) {
        lists[guild]?.left.insert(user)
        lists[guild]?.came.remove(user)
        lists[guild]?.members.remove(user)
    }

    /// The guild's whole list was taken over, or the guild is gone, or everything begins anew.
    package mutating func forgot(_ guild: GuildID) { lists[guild] = nil }
    package mutating func forgotAll() { lists = [:] }
}
