/// A gateway session: what a client identified as, and the latest events, for resuming.
package struct GatewaySession: Sendable {
    package let id: String
    package let applicationID: UInt64
    package let intents: Intents
    package let shard: (index: Int, count: Int)?
    package internal(set) var sequence = 0
    var buffer: [(sequence: Int, text: String)] = []
    var outlet: GatewayOutlet?
    var detachedAt: Int64?

    /// How many events are kept for resuming. A client that is further behind has to identify again.
    static let bufferLimit = 1000
    /// How many guilds one shard may have. See Discord's Sharding (events/gateway#sharding).
    static let guildLimit = 2500
    /// How many guilds arrive in one step.
    static let arrivalStep = 100

    /// The session's guilds whose GUILD_CREATE has not been sent yet, the next one last.
    private var arriving: [UInt64] = []
    private var notArrived: Set<UInt64> = []

    init(id: String, applicationID: UInt64, intents: Intents, shard: (index: Int, count: Int)?) {
        self.id = id
        self.applicationID = applicationID
        self.intents = intents
        self.shard = shard
    }

    /// Numbers and sends one event, and keeps it for resuming.
    mutating func push(_ event: String, _ data: String) {
        sequence += 1
        let text = "{\"op\":0,\"s\":\(sequence),\"t\":\"\(event)\",\"d\":\(data)}"
        buffer.append((sequence, text))
        // In larger steps, so that a full buffer isn't moved with every event.
        if buffer.count >= Self.bufferLimit * 2 { buffer.removeFirst(buffer.count - Self.bufferLimit) }
        outlet?.send(text)
    }

    mutating func push(_ event: String, _ data: JSON) { push(event, data.text) }

    /// From now on the guilds arrive, in this order.
    mutating func announce(_ guilds: [UInt64]) {
        arriving = guilds.reversed()
        notArrived = Set(guilds)
    }

    /// The guilds to be sent now. The session receives their events from here on.
    mutating func nextArrivals() -> [UInt64] {
        let next = Array(arriving.suffix(Self.arrivalStep).reversed())
        arriving.removeLast(next.count)
        notArrived.subtract(next)
        return next
    }

    /// Whether more guilds are to arrive.
    var isArriving: Bool { !arriving.isEmpty }

    /// Whether the event may be sent before its guild has arrived, or the guild has. What happens in a guild before is part
    /// of what arrives.
    func hasArrived(_ dispatch: Dispatch) -> Bool {
        guard let guild = dispatch.guild, notArrived.contains(guild) else { return true }
        return dispatch.event == "INTERACTION_CREATE"
    }

    /// Whether events of the guild belong to the session's shard.
    func owns(guild id: UInt64?) -> Bool { Self.owns(shard, guild: id) }

    /// Whether events of the guild belong to the shard; those of no guild belong to the first.
    static func owns(_ shard: (index: Int, count: Int)?, guild id: UInt64?) -> Bool {
        guard let shard, shard.count > 1 else { return true }
        guard let id else { return shard.index == 0 }
        return Int((id >> 22) % UInt64(shard.count)) == shard.index
    }
}
