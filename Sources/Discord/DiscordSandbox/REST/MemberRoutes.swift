/// Members of a guild: reading, changing, moving between voice channels, roles.
enum MemberRoutes {
    static let all: [Route] = [
        Route("GET", "/guilds/:guild/members", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            let limit = try call.integer("limit", 1...1000, default: 1)
            let after = call.query("after").flatMap { JSON.string($0).snowflake } ?? 0
            return .ok(
                .array(guild.sortedMembers.filter { $0.userID > after }.prefix(limit).map { state.world.json($0) }))
        },
        Route("GET", "/guilds/:guild/members/search", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            let limit = try call.integer("limit", 1...1000, default: 1)
            let query = (call.query("query") ?? "").lowercased()
            let found = guild.sortedMembers.filter { member in
                let user = state.world.users[member.userID]
                return [user?.username, user?.globalName, member.nick]
                    .contains { $0?.lowercased().hasPrefix(query) ?? false }
            }
            return .ok(.array(found.prefix(limit).map { state.world.json($0) }))
        },
        Route("GET", "/guilds/:guild/members/:user", limit: 5, per: .seconds(1)) { state, call throws(Refusal) in
            .ok(state.world.json(try state.member(call)))
        },
        Route("PATCH", "/guilds/:guild/members/@me", limit: 5, bucket: "PATCH /guilds/:guild/members/@me") {
            state, call throws(Refusal) in
            let guild = try state.guild(call)
            let form = call.form
            let nick = form.string("nick", 0...32)
            try form.report.check()
            if form.has("nick") {
                try state.world.require(.changeNickname, of: call.bot, in: guild.id)
                state.world.updateMember(call.bot, in: guild.id) { $0.nick = nick?.isEmpty == false ? nick : nil }
            }
            return .ok(state.world.guilds[guild.id]?.members[call.bot].map { state.world.json($0) } ?? .null)
        },
        Route("PATCH", "/guilds/:guild/members/:user", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            try modify(&state, call)
        },
        Route("DELETE", "/guilds/:guild/members/:user", limit: 5, per: .seconds(1)) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            let member = try state.member(call)
            try state.world.require(.kickMembers, of: call.bot, in: guild.id)
            guard state.world.rank(of: call.bot, in: guild.id) > state.world.rank(of: member.userID, in: guild.id)
            else {
                throw .missingPermissions
            }
            state.world.removeMember(member.userID, from: guild.id)
            return .noContent
        },
        Route("PUT", "/guilds/:guild/members/:user/roles/:role", limit: 10, per: .seconds(10)) {
            state, call throws(Refusal) in
            try changeRole(&state, call, add: true)
        },
        Route("DELETE", "/guilds/:guild/members/:user/roles/:role", limit: 10, per: .seconds(10)) {
            state, call throws(Refusal) in
            try changeRole(&state, call, add: false)
        },
        Route("GET", "/guilds/:guild/voice-states/@me", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            guard let voice = guild.voiceStates[call.bot] else { throw Refusal(404, 10065, "Unknown Voice State") }
            return .ok(state.world.json(voice, in: guild))
        },
        Route("GET", "/guilds/:guild/voice-states/:user", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            guard let voice = guild.voiceStates[try call.id("user")] else {
                throw Refusal(404, 10065, "Unknown Voice State")
            }
            return .ok(state.world.json(voice, in: guild))
        },
    ]

    private static func modify(_ state: inout Realm.State, _ call: Call) throws(Refusal) -> Reply {
        let guild = try state.guild(call)
        let member = try state.member(call)
        let form = call.form
        let nick = form.string("nick", 0...32)
        let roles = form.snowflakes("roles")
        let mute = form.boolean("mute")
        let deaf = form.boolean("deaf")
        let channelID = form.snowflake("channel_id")
        let timeout = form.timestamp("communication_disabled_until")
        try form.report.check()
        let isAbove = state.world.rank(of: call.bot, in: guild.id) > state.world.rank(of: member.userID, in: guild.id)
        if form.has("nick") {
            try state.world.require(.manageNicknames, of: call.bot, in: guild.id)
            guard isAbove || member.userID == call.bot else { throw .missingPermissions }
        }
        if let roles {
            for role in Set(roles).symmetricDifference(member.roles) {
                try state.requireManageable(role, by: call.bot, in: guild)
            }
        }
        if form.has("communication_disabled_until") {
            try state.world.require(.moderateMembers, of: call.bot, in: guild.id)
            guard isAbove else { throw .missingPermissions }
            if let timeout { try state.world.requireTimeout(of: member.userID, in: guild.id, until: timeout) }
        }
        let voice = guild.voiceStates[member.userID]
        if mute != nil { try state.world.require(.muteMembers, of: call.bot, in: guild.id) }
        if deaf != nil { try state.world.require(.deafenMembers, of: call.bot, in: guild.id) }
        if mute != nil || deaf != nil || form.has("channel_id") {
            guard let voice else { throw .notInVoice }
            if form.has("channel_id") {
                try state.world.require(.moveMembers, of: call.bot, inChannel: voice.channelID)
                if let channelID {
                    guard let target = guild.channels[channelID] else { throw .unknown(.channel) }
                    guard target.isVoice else { throw .wrongChannelType }
                    // Discord moves a member to where the caller may go, even above the user limit.
                    try state.world.require(.connect, of: call.bot, inChannel: channelID)
                }
                state.world.moveVoice(
                    member.userID, in: guild.id, to: channelID, mute: voice.selfMute, deaf: voice.selfDeaf)
            }
        }
        state.world.updateMember(member.userID, in: guild.id) { member in
            if form.has("nick") { member.nick = nick?.isEmpty == false ? nick : nil }
            if let roles { member.roles = roles }
            if let mute { member.isMute = mute }
            if let deaf { member.isDeaf = deaf }
            if form.has("communication_disabled_until") { member.timedOutUntil = timeout }
        }
        return .ok(state.world.guilds[guild.id]?.members[member.userID].map { state.world.json($0) } ?? .null)
    }

    private static func changeRole(_ state: inout Realm.State, _ call: Call, add: Bool) throws(Refusal) -> Reply {
        let guild = try state.guild(call)
        let member = try state.member(call)
        let role = try call.id("role")
        try state.requireManageable(role, by: call.bot, in: guild)
        state.world.updateMember(member.userID, in: guild.id) { member in
            member.roles.removeAll { $0 == role }
            if add { member.roles.append(role) }
        }
        return .noContent
    }
}

extension Realm.State {
    func member(_ call: Call) throws(Refusal) -> Member {
        let guild = try guild(call)
        let id = call.parameters["user"] == "@me" ? call.bot : try call.id("user")
        guard let member = guild.members[id] else {
            throw world.users[id] == nil ? .unknown(.user) : .unknown(.member)
        }
        return member
    }

    /// A bot may assign and change only roles below its own highest, and no managed ones.
    func requireManageable(_ roleID: UInt64, by botID: UInt64, in guild: Guild) throws(Refusal) {
        try world.require(.manageRoles, of: botID, in: guild.id)
        guard let role = guild.roles[roleID] else { throw .unknown(.role) }
        guard role.id != guild.id, role.botID == nil, role.position < world.rank(of: botID, in: guild.id) else {
            throw .missingPermissions
        }
    }
}
