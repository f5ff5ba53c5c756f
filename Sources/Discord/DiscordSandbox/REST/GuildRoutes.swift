/// Guilds and bans.
enum GuildRoutes {
    static let all: [Route] = [
        Route("GET", "/guilds/:guild", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            return .ok(state.world.json(guild, withCounts: call.query("with_counts") == "true"))
        },
        Route("GET", "/guilds/:guild/preview", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            return .ok([
                "id": .id(guild.id), "name": .string(guild.name), "icon": nil, "splash": nil, "discovery_splash": nil,
                "emojis": [], "features": [], "approximate_member_count": .int(guild.members.count),
                "approximate_presence_count": .int(guild.members.count), "description": .text(guild.description),
                "stickers": [],
            ])
        },
        Route("PATCH", "/guilds/:guild", limit: 10) { state, call throws(Refusal) in
            var guild = try state.guild(call)
            try state.world.require(.manageGuild, of: call.bot, in: guild.id)
            let form = call.form
            if form.has("name") { guild.name = form.string("name", 2...100, required: true) ?? guild.name }
            if form.has("description") { guild.description = form.string("description", 0...300) }
            try form.report.check()
            state.world.save(guild)
            return .ok(state.world.json(guild))
        },
        Route("GET", "/guilds/:guild/threads/active", limit: 10) { state, call throws(Refusal) in
            _ = try state.guild(call)
            return .ok(["threads": [], "members": []])
        },
        Route("GET", "/guilds/:guild/emojis", limit: 10) { state, call throws(Refusal) in
            _ = try state.guild(call)
            return .ok([])
        },
        Route("GET", "/guilds/:guild/bans", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            try state.world.require(.banMembers, of: call.bot, in: guild.id)
            return .ok(
                .array(
                    guild.bans.sorted { $0.key < $1.key }
                        .map { ["reason": .text($0.value), "user": state.world.userJSON($0.key)] }))
        },
        Route("GET", "/guilds/:guild/bans/:user", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            try state.world.require(.banMembers, of: call.bot, in: guild.id)
            let id = try call.id("user")
            guard let reason = guild.bans[id] else { throw .unknown(.ban) }
            return .ok(["reason": .text(reason), "user": state.world.userJSON(id)])
        },
        Route("PUT", "/guilds/:guild/bans/:user", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            try state.world.require(.banMembers, of: call.bot, in: guild.id)
            let id = try call.id("user")
            guard state.world.users[id] != nil else { throw .unknown(.user) }
            guard state.world.rank(of: call.bot, in: guild.id) > state.world.rank(of: id, in: guild.id) else {
                throw .missingPermissions
            }
            state.world.ban(id, in: guild.id, reason: nil)
            return .noContent
        },
        Route("DELETE", "/guilds/:guild/bans/:user", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            try state.world.require(.banMembers, of: call.bot, in: guild.id)
            let id = try call.id("user")
            guard guild.bans[id] != nil else { throw .unknown(.ban) }
            state.world.unban(id, in: guild.id)
            return .noContent
        },
    ]
}

extension World {
    mutating func save(_ guild: Guild) {
        guilds[guild.id] = guild
        emit("GUILD_UPDATE", json(guild), to: .guild(guild.id), intent: .guilds)
    }
}
