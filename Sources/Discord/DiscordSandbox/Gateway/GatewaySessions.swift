import Core

/// All sessions, connected or waiting to be resumed.
package struct GatewaySessions: Sendable {
    private var sessions: [String: GatewaySession] = [:]
    private let lifetime: Duration
    package var starts: SessionStarts
    /// How many sessions are kept; above that the one that was disconnected first is dropped.
    static let limit = 500

    init(lifetime: Duration, starts: SessionStarts) {
        self.lifetime = lifetime
        self.starts = starts
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
        sessions = sessions.filter { _, session in session.detachedAt.map { now - $0 < lifetime.milliseconds } ?? true }
    }

    /// Sends each event to the sessions that receive it.
    mutating func deliver(_ dispatches: [Dispatch], in world: World) {
        for dispatch in dispatches {
            var whole: String?
            var withoutContent: String?
            for id in sessions.keys {
                guard let session = sessions[id], Self.receives(session, dispatch, in: world) else { continue }
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

    private static func receives(_ session: GatewaySession, _ dispatch: Dispatch, in world: World) -> Bool {
        let bot = session.applicationID
        guard dispatch.exception != bot, session.hasArrived(dispatch) else { return false }
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

    /// Without the message-content intent a bot receives the content only of its own messages and of those that mention it.
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
