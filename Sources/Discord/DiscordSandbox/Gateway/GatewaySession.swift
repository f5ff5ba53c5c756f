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

    /// Whether events of the guild belong to the session's shard.
    func owns(guild id: UInt64?) -> Bool {
        guard let shard, shard.count > 1 else { return true }
        guard let id else { return shard.index == 0 }
        return Int((id >> 22) % UInt64(shard.count)) == shard.index
    }
}
