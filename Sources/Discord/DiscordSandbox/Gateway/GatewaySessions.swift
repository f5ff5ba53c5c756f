/// The way to one client's socket. Everything given to it is queued in order; nothing blocks.
package struct GatewayOutlet: Sendable {
    /// Names the connection, so that a late farewell of an old one does not detach the one that replaced it.
    package let id: UInt64
    package let send: @Sendable (String) -> Void
    /// Closes with a code that tells the client what to do.
    package let close: @Sendable (_ code: Int, _ reason: String) -> Void
    /// Tears the connection down without a word.
    package let drop: @Sendable () -> Void
    /// Sends op 9; when the session can't be resumed the client has to identify anew on this or another socket.
    package let invalidate: @Sendable (_ isResumable: Bool) -> Void

    package init(
        id: UInt64, send: @escaping @Sendable (String) -> Void, close: @escaping @Sendable (Int, String) -> Void,
        drop: @escaping @Sendable () -> Void, invalidate: @escaping @Sendable (Bool) -> Void
    ) {
        self.id = id
        self.send = send
        self.close = close
        self.drop = drop
        self.invalidate = invalidate
    }
}

/// A gateway session: what a client identified as, and the events it was sent, for when it resumes.
package struct GatewaySession: Sendable {
    package let id: String
    package let applicationID: UInt64
    package let intents: Intents
    package let shard: (index: Int, count: Int)?
    package internal(set) var sequence = 0
    var buffer: [(sequence: Int, text: String)] = []
    var outlet: GatewayOutlet?
    var detachedAt: Int64?

    /// Events kept for resuming. Who is further behind has to identify anew.
    static let bufferLimit = 1000

    /// Sends one event, numbered, and keeps it for resuming.
    mutating func push(_ event: String, _ data: String) {
        sequence += 1
        let text = "{\"op\":0,\"s\":\(sequence),\"t\":\"\(event)\",\"d\":\(data)}"
        buffer.append((sequence, text))
        // In larger steps, so that a full buffer does not move its content with every event.
        if buffer.count >= Self.bufferLimit * 2 { buffer.removeFirst(buffer.count - Self.bufferLimit) }
        outlet?.send(text)
    }

    mutating func push(_ event: String, _ data: JSON) { push(event, data.text) }

    func owns(guild id: UInt64?) -> Bool {
        guard let shard, shard.count > 1 else { return true }
        guard let id else { return shard.index == 0 }
        return Int((id >> 22) % UInt64(shard.count)) == shard.index
    }
}

/// All sessions, with a socket or waiting to be resumed.
package struct GatewaySessions: Sendable {
    private var sessions: [String: GatewaySession] = [:]
    private let lifetime: Int64
    /// How many clients of an application may identify in five seconds.
    let concurrency: Int
    /// How often an application has identified since the sandbox began.
    private var starts: [UInt64: Int] = [:]
    /// When the clients of each application last identified.
    private var identifies: [UInt64: [Int64]] = [:]
    static let limit = 500

    init(lifetime: Int64, concurrency: Int) {
        self.lifetime = lifetime
        self.concurrency = concurrency
    }

    package subscript(id: String) -> GatewaySession? {
        get { sessions[id] }
        set { sessions[id] = newValue }
    }

    package var all: [GatewaySession] { sessions.values.sorted { $0.id < $1.id } }

    mutating func add(_ session: GatewaySession, now: Int64) {
        forgetExpired(now)
        if sessions.count >= Self.limit,
            let oldest = sessions.values.filter({ $0.outlet == nil }).min(by: {
                ($0.detachedAt ?? 0) < ($1.detachedAt ?? 0)
            })
        {
            sessions[oldest.id] = nil
        }
        sessions[session.id] = session
    }

    mutating func forgetExpired(_ now: Int64) {
        sessions = sessions.filter { _, session in session.detachedAt.map { now - $0 < lifetime } ?? true }
    }

    /// Whether another client may identify now: so many in five seconds.
    mutating func mayIdentify(_ applicationID: UInt64, now: Int64) -> Bool {
        if identifies.count > 2000 { identifies = identifies.filter { now - ($0.value.last ?? 0) < 5000 } }
        var times = (identifies[applicationID] ?? []).filter { now - $0 < 5000 }
        guard times.count < concurrency else { return false }
        times.append(now)
        identifies[applicationID] = times
        starts[applicationID, default: 0] += 1
        return true
    }

    /// What is left of the thousand starts a day. The sandbox counts, but never refuses for this.
    func remainingStarts(_ applicationID: UInt64) -> Int { max(1, 1000 - (starts[applicationID] ?? 0)) }

    /// Hands each event to the sessions that are to hear it.
    mutating func deliver(_ dispatches: [Dispatch], in world: World) {
        for dispatch in dispatches {
            var whole: String?
            var withoutContent: String?
            for id in sessions.keys {
                guard let session = sessions[id], Self.hears(session, dispatch, in: world) else { continue }
                let text: String
                if dispatch.event == "GUILD_CREATE", case .application(_, let guildID) = dispatch.audience {
                    guard let guild = guildID.flatMap({ world.guilds[$0] }) else { continue }
                    text = world.createJSON(guild, for: session.applicationID, intents: session.intents).text
                } else if Self.hidesContent(of: dispatch, from: session) {
                    withoutContent = withoutContent ?? Self.withoutContent(dispatch.data).text
                    text = withoutContent ?? ""
                } else {
                    whole = whole ?? dispatch.data.text
                    text = whole ?? ""
                }
                sessions[id]?.push(dispatch.event, text)
            }
        }
    }

    private static func hears(_ session: GatewaySession, _ dispatch: Dispatch, in world: World) -> Bool {
        let bot = session.applicationID
        guard dispatch.exception != bot else { return false }
        let isOwn = dispatch.subject == bot && dispatch.event == "GUILD_MEMBER_UPDATE"
        guard isOwn || session.intents.isSuperset(of: dispatch.intent) else { return false }
        switch dispatch.audience {
        case .guild(let id):
            return session.owns(guild: id) && world.guilds[id]?.members[bot] != nil
        case .channel(let channel, let guild):
            return session.owns(guild: guild) && world.canSee(channel, bot)
        case .application(let id, let guild):
            return id == bot && session.owns(guild: guild)
        }
    }

    /// Without the message-content intent a bot reads only what it wrote itself or what mentions it.
    private static func hidesContent(of dispatch: Dispatch, from session: GatewaySession) -> Bool {
        guard dispatch.event == "MESSAGE_CREATE" || dispatch.event == "MESSAGE_UPDATE",
            !session.intents.contains(.messageContent), dispatch.subject != session.applicationID,
            dispatch.data["guild_id"] != nil
        else { return false }
        let mentions = dispatch.data["mentions"]?.arrayValue ?? []
        return !mentions.contains { $0["id"]?.snowflake == session.applicationID }
    }

    private static func withoutContent(_ message: JSON) -> JSON {
        var message = message
        message["content"] = ""
        for key in ["embeds", "components", "attachments"] { message[key] = [] }
        return message
    }
}
