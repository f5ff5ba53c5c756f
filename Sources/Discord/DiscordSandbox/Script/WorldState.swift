/// The whole world as `GET /sandbox/state` returns it: flat lists of objects, each with the ids that it belongs to.
enum WorldState {
    /// - Parameters:
    ///   - viewer: adds what this user may do in each channel.
    ///   - messageLimit: messages per channel, the newest.
    ///   - guild: shows this guild and its members only. Without it, all but the crowd's guilds and people.
    static func json(_ state: Realm.State, viewer: UInt64?, messageLimit: Int, guild: UInt64? = nil) -> JSON {
        let world = state.world
        let isShown: (UInt64) -> Bool = { id in guild.map { $0 == id } ?? !Seed.Crowd.contains(guild: id) }
        let guilds = world.guildOrder.filter(isShown).compactMap { world.guilds[$0] }
        let people = world.users.values.filter { user in
            guild.map { world.guilds[$0]?.members[user.id] != nil } ?? !Seed.Crowd.contains(user: user.id)
        }.sorted { $0.id < $1.id }
        let directs = world.directChannels.values.sorted { $0.id < $1.id }
        let channels = guilds.flatMap(\.sortedChannels) + directs
        var json: JSON = [
            "now": .string(Timestamp.format(world.now)), "users": .array(people.map { world.json($0) }),
            "guilds": .array(
                guilds.map { guild in
                    world.json(guild).adding([
                        "member_count": .int(guild.members.count),
                        "application_ids": .ids(world.applicationOrder.filter { guild.members[$0] != nil }),
                    ])
                }),
            "roles": .array(
                guilds.flatMap { guild in
                    guild.sortedRoles.map { world.json($0).adding(["guild_id": .id(guild.id)]) }
                }),
            "members": .array(
                guilds.flatMap { guild in
                    guild.sortedMembers.map {
                        world.json($0).adding(["guild_id": .id(guild.id), "user_id": .id($0.userID)])
                    }
                }),
            "channels": .array(
                channels.map { channel in
                    var json = world.json(channel)
                    if channel.kind == .direct {
                        json["guild_id"] = .null
                        json["recipients"] = .array(channel.recipients.map { world.userJSON($0) })
                    }
                    if let viewer {
                        json["viewer_permissions"] = world.permissions(of: viewer, inChannel: channel.id).json
                    }
                    return json
                }),
            "messages": .array(
                channels.flatMap { channel in
                    (world.messages[channel.id] ?? []).suffix(messageLimit).map { ChatEvents.message($0, in: world) }
                }),
            "voice_states": .array(
                guilds.flatMap { guild in
                    guild.voiceStates.values.sorted { $0.userID < $1.userID }.map { world.json($0, in: guild) }
                }),
            "scheduled_events": .array(
                guilds.flatMap { guild in
                    guild.scheduledEvents.values.sorted { $0.id < $1.id }.map { world.json($0) }
                }),
            "commands": .array(world.commands.values.sorted { $0.id < $1.id }.map(\.json)),
            "applications": .array(
                world.applicationOrder.compactMap { world.applications[$0] }.map { application in
                    let sessions = state.sessions.all.filter { $0.applicationID == application.id }
                    return world.partialJSON(application).adding([
                        "guild_ids": .ids(world.guildIDs(of: application.id, where: isShown)),
                        "connected": .bool(sessions.contains { $0.outlet != nil }),
                    ])
                }),
            "sessions": .array(
                state.sessions.all.map {
                    [
                        "session_id": .string($0.id), "application_id": .id($0.applicationID),
                        "connected": .bool($0.outlet != nil), "sequence": .int($0.sequence),
                        "intents": .int($0.intents.rawValue),
                        "shard": $0.shard.map { [.int($0.index), .int($0.count)] } ?? .null,
                        "is_arriving": .bool($0.isArriving),
                    ]
                }),
        ]
        if let viewer { json["viewer_id"] = .id(viewer) }
        return json
    }
}
