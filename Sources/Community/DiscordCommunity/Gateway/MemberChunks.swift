import Core
package import Guilds

/// Has guilds' member lists requested, a limited number at a time, and assembles them from their chunks while members come and
/// go. It reads no clock.
///
/// Discord lets a connection send about two requests a second. So that a reconnection doesn't send again what was never sent,
/// only a few wait for that; the others wait here.
package struct MemberChunks {
    /// A request for a guild's members.
    package typealias Request = (guild: GuildID, nonce: String)

    private struct List {
        let nonce: String
        /// For how many heartbeats it has been requested.
        var age = 0
        var members: Set<UserID> = []
        var parts: Set<Int> = []
        /// Who joined or left while the chunks were on their way; a chunk may be older than that.
        var joined: Set<UserID> = []
        var left: Set<UserID> = []
    }

    /// A request that isn't answered for so many heartbeats, some seven minutes, is made again.
    private static let patience = 10

    private let width: Int
    private var lists: [GuildID: List] = [:]
    private var requests = 0
    /// Guilds whose lists are wanted, in order. Those of them that aren't in the set have been given up.
    private var waiting = Deque<GuildID>()
    private var wanted: Set<GuildID> = []

    /// - Parameter width: how many lists are requested at a time.
    package init(width: Int = 100) {
        precondition(width > 0)
        self.width = width
    }

    /// A guild's list is needed; an earlier request for it no longer counts.
    package mutating func want(_ guild: GuildID) {
        lists[guild] = nil
        if wanted.insert(guild).inserted { waiting.append(guild) }
    }

    /// The lists to be requested now.
    package mutating func due() -> [Request] {
        var due: [Request] = []
        while lists.count < width, let guild = waiting.popFirst() {
            if wanted.remove(guild) != nil { due.append(request(guild)) }
        }
        return due
    }

    /// Every list that was requested and isn't complete is requested again.
    package mutating func requestedAgain() -> [Request] { lists.keys.sorted().map { request($0) } }

    /// A heartbeat was acknowledged. Returns the requests to be made again.
    package mutating func heartbeat() -> [Request] {
        for guild in lists.keys { lists[guild]?.age += 1 }
        return lists.filter { $0.value.age >= Self.patience }.keys.sorted().map { request($0) }
    }

    private mutating func request(_ guild: GuildID) -> Request {
        requests += 1
        let nonce = "members-\(requests)"
        lists[guild] = List(nonce: nonce)
        return (guild, nonce)
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
    package mutating func forgot(_ guild: GuildID) {
        lists[guild] = nil
        wanted.remove(guild)
    }

    /// A new gateway session begins: no request of the former one is answered.
    package mutating func forgotAll() {
        lists = [:]
        wanted = []
        waiting = Deque()
    }
}
