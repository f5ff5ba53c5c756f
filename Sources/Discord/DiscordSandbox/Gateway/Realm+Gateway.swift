import Core

extension Realm {
    /// Why an identify or a resume was refused.
    package enum Denial: Error, Sendable, Equatable {
        case close(code: Int, reason: String)
        /// Op 9: the client may try again.
        case invalidSession(isResumable: Bool)
    }

    /// Starts a session (op 2). On success READY and the guilds have been queued on the outlet.
    ///
    /// - Returns: the new session's id.
    /// - Throws: `Denial`.
    package func identify(
        _ data: JSON, outlet: GatewayOutlet, gatewayURL: String
    ) throws(Denial) -> String {
        let sessionID = Self.randomToken(16)
        return try transaction { (state) throws(Denial) -> String in
            let token = Self.bareToken(data["token"]?.stringValue ?? "")
            guard let application = state.world.application(forToken: token) else {
                throw .close(code: 4004, reason: "Authentication failed.")
            }
            var shard: (index: Int, count: Int)?
            if let pair = data["shard"], !pair.isNull {
                guard let index = pair[0]?.intValue, let count = pair[1]?.intValue, pair.arrayValue?.count == 2,
                    count > 0, index >= 0, index < count
                else { throw .close(code: 4010, reason: "Invalid shard.") }
                shard = (index, count)
            }
            guard let bits = data["intents"]?.intValue, bits >= 0, bits & ~Intents.documented.rawValue == 0 else {
                throw .close(code: 4013, reason: "Invalid intent(s).")
            }
            guard bits & application.disallowedIntents == 0 else {
                throw .close(code: 4014, reason: "Disallowed intent(s).")
            }
            let guilds = state.world.guildIDs(of: application.id) { GatewaySession.owns(shard, guild: $0) }
            guard guilds.count <= GatewaySession.guildLimit else {
                throw .close(code: 4011, reason: "Sharding required.")
            }
            guard state.sessions.starts.take(application.id, shard: shard, now: state.world.now) else {
                throw .invalidSession(isResumable: false)
            }
            var session = GatewaySession(
                id: sessionID, applicationID: application.id, intents: Intents(rawValue: bits), shard: shard)
            session.outlet = outlet
            session.push("READY", Self.ready(application, session, guilds, gatewayURL: gatewayURL, in: state.world))
            if session.intents.contains(.guilds) {
                session.announce(guilds)
                Self.arrive(&session, in: state.world)
            }
            state.sessions.add(session, now: state.world.now)
            log.info("session begins", ["application": "\(application.id)", "intents": "\(bits)"])
            return sessionID
        }
    }

    /// Sends the next of the guilds that a session has been promised by READY: thousands arrive in steps, so that other
    /// events come in between, and a client that reads slowly isn't sent more than it takes.
    ///
    /// - Returns: whether there are more.
    package func sendArrivals(_ sessionID: String) -> Bool {
        transaction { state in
            guard var session = state.sessions[sessionID] else { return false }
            Self.arrive(&session, in: state.world)
            state.sessions[sessionID] = session
            return session.isArriving
        }
    }

    private static func arrive(_ session: inout GatewaySession, in world: World) {
        for id in session.nextArrivals() {
            guard let guild = world.guilds[id], guild.members[session.applicationID] != nil else { continue }
            session.push("GUILD_CREATE", world.createJSON(guild, for: session.applicationID, intents: session.intents))
        }
    }

    /// Resumes a session (op 6). On success all events after `sequence` and RESUMED have been queued on the outlet.
    ///
    /// - Returns: the session's id.
    /// - Throws: `Denial`.
    package func resume(
        token: String, sessionID: String?, sequence: Int?, outlet: GatewayOutlet
    ) throws(Denial) -> String {
        try transaction { (state) throws(Denial) -> String in
            guard let application = state.world.application(forToken: Self.bareToken(token)) else {
                throw .close(code: 4004, reason: "Authentication failed.")
            }
            let now = state.now
            state.sessions.forgetExpired(now)
            guard let sessionID, let sequence, var session = state.sessions[sessionID],
                session.applicationID == application.id
            else { throw .invalidSession(isResumable: false) }
            guard sequence >= 0, sequence <= session.sequence else {
                state.sessions[sessionID] = nil
                throw .close(code: 4007, reason: "Invalid `seq`.")
            }
            guard (session.buffer.first?.sequence ?? session.sequence + 1) <= sequence + 1 else {
                state.sessions[sessionID] = nil
                throw .invalidSession(isResumable: false)
            }
            if session.outlet?.id != outlet.id { session.outlet?.close(4000, "Resumed on another connection.") }
            session.outlet = outlet
            session.detachedAt = nil
            for event in session.buffer where event.sequence > sequence { outlet.send(event.text) }
            session.push("RESUMED", ["_trace": ["[\"tandem-sandbox\"]"]])
            state.sessions[sessionID] = session
            log.info("session resumes", ["application": "\(application.id)", "from": "\(sequence)"])
            return sessionID
        }
    }

    /// Takes a closed socket from its session, which can be resumed for a while unless it is over.
    ///
    /// - Parameters:
    ///   - outletID: the connection; when the session has been resumed on another, nothing happens.
    ///   - isOver: whether the close code ends the session, as 1000 and 1001 do.
    package func detach(_ sessionID: String, outletID: UInt64, isOver: Bool) {
        transaction { state in
            guard state.sessions[sessionID]?.outlet?.id == outletID else { return }
            if isOver {
                state.sessions[sessionID] = nil
            } else {
                state.sessions[sessionID]?.outlet = nil
                state.sessions[sessionID]?.detachedAt = state.world.now
            }
        }
    }

    /// Sends members of guilds (op 8).
    ///
    /// - Returns: `false` when the session lacks the intent that it takes, for which Discord closes with 4014.
    package func requestMembers(_ data: JSON, sessionID: String) -> Bool {
        transaction { state in
            guard var session = state.sessions[sessionID] else { return true }
            let query = data["query"]?.stringValue
            let limit = data["limit"]?.intValue ?? 0
            let ids = data["user_ids"].map { $0.arrayValue ?? [$0] }?.compactMap(\.snowflake)
            if ids == nil, (query ?? "").isEmpty, limit == 0, !session.intents.contains(.guildMembers) { return false }
            let guildIDs = (data["guild_id"]?.arrayValue ?? [data["guild_id"] ?? .null]).compactMap(\.snowflake)
            for guildID in guildIDs {
                guard let guild = state.world.guilds[guildID], guild.members[session.applicationID] != nil else {
                    continue
                }
                var members = guild.sortedMembers
                if let ids { members = members.filter { ids.prefix(100).contains($0.userID) } }
                if ids == nil, let query = query?.lowercased(), !query.isEmpty {
                    members = members.filter { member in
                        let user = state.world.users[member.userID]
                        return [user?.username, user?.globalName, member.nick]
                            .contains { $0?.lowercased().hasPrefix(query) ?? false }
                    }
                }
                if ids == nil, limit > 0 { members = Array(members.prefix(min(limit, 100))) }
                let chunks = stride(from: 0, to: max(1, members.count), by: 1000)
                    .map { members.dropFirst($0).prefix(1000) }
                for (index, chunk) in chunks.enumerated() {
                    var payload: JSON = [
                        "guild_id": .id(guildID), "members": .array(chunk.map { state.world.json($0) }),
                        "chunk_index": .int(index), "chunk_count": .int(chunks.count),
                    ]
                    if let ids {
                        payload["not_found"] = .ids(ids.filter { guild.members[$0] == nil })
                    }
                    if data["presences"]?.boolValue == true { payload["presences"] = [] }
                    if let nonce = data["nonce"], nonce.stringValue.map({ $0.utf8.count <= 32 }) ?? false {
                        payload["nonce"] = nonce
                    }
                    session.push("GUILD_MEMBERS_CHUNK", payload)
                }
            }
            state.sessions[sessionID] = session
            return true
        }
    }

    /// The bot joins, changes or leaves a voice channel (op 4).
    package func updateVoice(_ data: JSON, sessionID: String) {
        transaction { state in
            guard let session = state.sessions[sessionID], let guildID = data["guild_id"]?.snowflake,
                state.world.guilds[guildID]?.members[session.applicationID] != nil
            else { return }
            let bot = session.applicationID
            guard let channelID = data["channel_id"]?.snowflake else { return state.world.leaveVoice(bot, in: guildID) }
            guard let channel = state.world.guilds[guildID]?.channels[channelID],
                (try? state.world.requireEntry(bot, to: channel)) != nil
            else { return }
            state.world.moveVoice(
                bot, in: guildID, to: channelID, mute: data["self_mute"]?.boolValue ?? false,
                deaf: data["self_deaf"]?.boolValue ?? false)
            state.world.emit(
                "VOICE_SERVER_UPDATE",
                ["token": .string(World.hex(state.world.nextID())), "guild_id": .id(guildID), "endpoint": nil],
                to: .application(bot, guild: guildID))
        }
    }

    /// Returns a token without the prefix `Bot `, which Discord accepts as well.
    static func bareToken(_ text: String) -> String { text.hasPrefix("Bot ") ? String(text.dropFirst(4)) : text }

    private static func ready(
        _ application: Application, _ session: GatewaySession, _ guilds: [UInt64], gatewayURL: String, in world: World
    ) -> JSON {
        var ready: JSON = [
            "v": 10, "user": world.users[application.id].map { world.ownJSON($0) } ?? .null,
            "guilds": .array(guilds.map { ["id": .id($0), "unavailable": true] }),
            "session_id": .string(session.id), "resume_gateway_url": .string(gatewayURL), "session_type": "normal",
            "application": ["id": .id(application.id), "flags": .int(1 << 13 | 1 << 15 | 1 << 19)],
            "user_settings": [:], "relationships": [], "private_channels": [], "presences": [],
            "guild_join_requests": [], "geo_ordered_rtc_regions": ["rotterdam", "frankfurt"], "auth": [:],
            "_trace": ["[\"tandem-sandbox\"]"],
        ]
        if let shard = session.shard { ready["shard"] = [.int(shard.index), .int(shard.count)] }
        return ready
    }
}
