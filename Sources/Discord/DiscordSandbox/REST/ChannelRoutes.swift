/// A guild's channels, and single channels.
enum ChannelRoutes {
    static let all: [Route] = [
        Route("GET", "/guilds/:guild/channels", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            return .ok(.array(guild.sortedChannels.map { state.world.json($0) }))
        },
        Route("POST", "/guilds/:guild/channels", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            try state.world.require(.manageChannels, of: call.bot, in: guild.id)
            guard guild.channels.count < 500 else {
                throw Refusal(400, 30013, "Maximum number of guild channels reached (500)")
            }
            let form = call.form
            let type = form.choice("type", [0, 2, 4, 5, 13]) ?? 0
            let kind = Channel.Kind(rawValue: type) ?? .text
            var channel = Channel(
                id: state.world.nextID(), kind: kind, guildID: guild.id,
                name: form.string("name", 1...100, required: true) ?? "")
            channel.position = (guild.channels.values.map(\.position).max() ?? -1) + 1
            read(form, into: &channel, guild: guild)
            try form.report.check()
            try requireGrantable(channel, instead: [], by: call.bot, in: guild, state.world)
            if kind == .text { channel.name = textName(channel.name) }
            state.world.createChannel(channel)
            return .created(state.world.json(channel))
        },
        Route("GET", "/channels/:channel", limit: 20) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            return .ok(
                channel.kind == .direct
                    ? state.world.directJSON(channel, for: call.bot) : state.world.json(channel))
        },
        Route("PATCH", "/channels/:channel", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            guard let guildID = channel.guildID, let guild = state.world.guilds[guildID] else {
                throw .wrongChannelType
            }
            try state.world.require(.manageChannels, of: call.bot, inChannel: channel.id)
            let form = call.form
            var changed = channel
            if form.has("name") { changed.name = form.string("name", 1...100, required: true) ?? "" }
            read(form, into: &changed, guild: guild)
            try form.report.check()
            try requireGrantable(changed, instead: channel.overwrites, by: call.bot, in: guild, state.world)
            if channel.kind == .text { changed.name = textName(changed.name) }
            if changed.name != channel.name || changed.topic != channel.topic {
                try state.limitRenames(of: channel.id)
            }
            state.world.updateChannel(channel.id) { $0 = changed }
            return .ok(state.world.json(changed))
        },
        Route("DELETE", "/channels/:channel", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            guard channel.guildID != nil else { return .ok(state.world.directJSON(channel, for: call.bot)) }
            try state.world.require(.manageChannels, of: call.bot, inChannel: channel.id)
            let json = state.world.json(channel)
            state.world.deleteChannel(channel.id)
            return .ok(json)
        },
        Route("PUT", "/channels/:channel/permissions/:overwrite", limit: 10) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            guard let guildID = channel.guildID, let guild = state.world.guilds[guildID] else {
                throw .wrongChannelType
            }
            try state.world.require(.manageRoles, of: call.bot, inChannel: channel.id)
            let id = try call.id("overwrite")
            let form = Form(call.form.json.adding(["id": .id(id)]))
            let overwrite = ChannelRoutes.overwrite(form)
            try form.report.check()
            guard let overwrite else { return .noContent }
            var changed = channel
            changed.overwrites.removeAll { $0.id == id }
            changed.overwrites.append(overwrite)
            try requireGrantable(changed, instead: channel.overwrites, by: call.bot, in: guild, state.world)
            state.world.updateChannel(channel.id) { $0 = changed }
            return .noContent
        },
        Route("DELETE", "/channels/:channel/permissions/:overwrite", limit: 10) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            try state.world.require(.manageRoles, of: call.bot, inChannel: channel.id)
            let id = try call.id("overwrite")
            guard channel.overwrites.contains(where: { $0.id == id }) else { throw .unknown(.overwrite) }
            state.world.updateChannel(channel.id) { $0.overwrites.removeAll { $0.id == id } }
            return .noContent
        },
        Route("POST", "/channels/:channel/typing", limit: 5) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            try state.world.require(.sendMessages, of: call.bot, inChannel: channel.id)
            state.changes.append([
                "type": "typing", "channel_id": .id(channel.id), "user_id": .id(call.bot),
            ])
            return .noContent
        },
    ]

    /// Reads every field but the name.
    private static func read(_ form: Form, into channel: inout Channel, guild: Guild) {
        if let position = form.integer("position", 0...Int(Int32.max)) { channel.position = position }
        if form.has("topic") { channel.topic = form.string("topic", 0...1024) }
        if let isNSFW = form.boolean("nsfw") { channel.isNSFW = isNSFW }
        if let seconds = form.integer("rate_limit_per_user", 0...21_600) { channel.slowModeSeconds = seconds }
        if form.has("parent_id") {
            channel.parentID = form.snowflake("parent_id")
            if let parent = channel.parentID, guild.channels[parent]?.kind != .category {
                form.fail("parent_id", "CHANNEL_PARENT_INVALID", "Category does not exist")
            }
        }
        if channel.isVoice {
            if let bitrate = form.integer("bitrate", 8000...96_000) { channel.bitrate = bitrate }
            let most = channel.kind == .stage ? 10_000 : 99
            if form.has("user_limit") { channel.userLimit = form.integer("user_limit", 0...most) ?? 0 }
            if form.has("rtc_region") { channel.regionID = form.string("rtc_region") }
            if form.has("video_quality_mode") { channel.videoQuality = form.choice("video_quality_mode", [1, 2]) ?? 1 }
        }
        if form.has("permission_overwrites") {
            channel.overwrites = (form.objects("permission_overwrites", 0...500) ?? []).compactMap(overwrite)
        }
    }

    fileprivate static func overwrite(_ form: Form) -> Overwrite? {
        // Old clients send the kind as a word.
        let kind: Overwrite.Kind?
        switch form.json["type"] {
        case .string("role"), .string("0"): kind = .role
        case .string("member"), .string("1"): kind = .member
        default: kind = form.choice("type", [0, 1], required: true).flatMap(Overwrite.Kind.init)
        }
        guard let id = form.snowflake("id", required: true), let kind else { return nil }
        return Overwrite(
            id: id, kind: kind, allow: form.permissions("allow") ?? [], deny: form.permissions("deny") ?? [])
    }

    /// A bot can't allow or deny permissions that it lacks itself, unless it is an administrator.
    private static func requireGrantable(
        _ channel: Channel, instead old: [Overwrite], by botID: UInt64, in guild: Guild, _ world: World
    ) throws(Refusal) {
        let held = world.permissions(of: botID, in: guild.id)
        for overwrite in channel.overwrites where !old.contains(overwrite) {
            guard held.isSuperset(of: overwrite.allow.union(overwrite.deny)) else { throw .missingPermissions }
        }
    }

    /// Text channels have lower-case names without spaces.
    private static func textName(_ name: String) -> String {
        name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: "-")
    }
}

extension Realm.State {
    /// Returns the guild that a route names, if the bot is in it.
    func guild(_ call: Call) throws(Refusal) -> Guild {
        let id = try call.id("guild")
        guard let guild = world.guilds[id] else { throw .unknown(.guild) }
        guard guild.members[call.bot] != nil else { throw .missingAccess }
        return guild
    }

    /// Returns the channel that a route names, if the bot may see it.
    func channel(_ call: Call) throws(Refusal) -> Channel {
        guard let channel = world.channel(try call.id("channel")) else { throw .unknown(.channel) }
        guard world.canSee(channel.id, call.bot) else { throw .missingAccess }
        return channel
    }

    /// Name and topic may change twice in ten minutes, whatever the bucket allows.
    mutating func limitRenames(of channelID: UInt64) throws(Refusal) {
        let usage = limits.take(
            RateLimits.Rule(2, per: .seconds(600)), route: "rename", caller: "channel", major: String(channelID),
            now: now)
        guard usage.isAllowed else { throw .limited(retryAfter: .milliseconds(max(1, usage.resetAt - now))) }
    }
}
