import Core
import Discord
import Guilds
import Synchronization

extension GuildFeed {
    func record(_ delivery: GatewayDelivery, from gateway: Gateway) async throws {
        switch delivery {
        case .guilds(let creates): try await replace(creates)
        case .event(let event): try await record(event, from: gateway)
        case .acknowledged(let moment):
            try await confirm(at: moment)
            request(state.withLock { $0.chunks.heartbeat() }, gateway)
        }
        request(state.withLock { $0.chunks.due() }, gateway)
    }

    /// Records what the event reports of guilds, channels, roles and members; events about anything else are ignored.
    private func record(_ event: GatewayEvent, from gateway: Gateway) async throws {
        switch event {
        case .ready(let ready): try await start(ready)
        case .resumed:
            // A request for members may have been lost with the connection.
            request(state.withLock { $0.chunks.requestedAgain() }, gateway)
        case .guildCreate(let create): try await replace([create])
        case .guildUpdate(let guild):
            if let guild = Guilds.Guild(guild) { try await directory.update(guild) }
        case .guildDelete(let gone):
            guard gone.unavailable != true, let guild = GuildID(discord: gone.id) else { return }
            state.withLock { state in
                state.chunks.forgot(guild)
                state.guilds.remove(guild)
            }
            try await directory.uninstall(guild)
        case .channelCreate(let channel), .channelUpdate(let channel):
            if let channel = Guilds.Channel(channel) { try await directory.upsert(channel) }
        case .channelDelete(let channel):
            if let channel = Guilds.Channel(channel) {
                try await directory.remove(channel.id, from: channel.guildID)
            }
        case .guildRoleCreate(let change), .guildRoleUpdate(let change):
            guard let guild = GuildID(discord: change.guildID) else { return }
            if let role = Guilds.Role(change.role, guild: guild) { try await directory.upsert(role) }
        case .guildRoleDelete(let change):
            guard let guild = GuildID(discord: change.guildID), let role = RoleID(discord: change.roleID) else {
                return
            }
            try await directory.remove(role, from: guild)
        case .guildMemberAdd(let change), .guildMemberUpdate(let change):
            try await joined(change.member, GuildID(discord: change.guildID))
        case .guildMemberRemove(let change):
            guard let guild = GuildID(discord: change.guildID), let user = UserID(discord: change.user.id) else {
                return
            }
            state.withLock { $0.chunks.left(user, guild) }
            try await directory.remove(user, from: guild)
        case .guildMembersChunk(let chunk): try await merge(chunk)
        case .userUpdate(let user):
            if let user = Guilds.User(user) { try await directory.upsert(user) }
        case .interactionCreate(let interaction):
            // Discord vouches for the member, who may not be in any list yet.
            guard let member = interaction.member else { return }
            try await joined(member, interaction.guildID.flatMap { GuildID(discord: $0) })
        default: return
        }
    }

    private func start(_ ready: Ready) async throws {
        guard let bot = Guilds.User(ready.user) else { return }
        let guilds = Set(ready.guilds.compactMap { GuildID(discord: $0.id) })
        state.withLock { state in
            state.session = ready.sessionID
            state.isWhole = true
            state.chunks.forgotAll()
            state.guilds = guilds
        }
        try await directory.gatewayStarted(
            session: ready.sessionID, bot: bot, guilds: guilds, shard: shard?.number ?? 0,
            shardCount: shard?.count ?? 1)
    }

    private func joined(_ member: Discord.Member, _ guild: GuildID?) async throws {
        guard let guild, let member = Guilds.Member(member, guild: guild) else { return }
        state.withLock { $0.chunks.joined(member.user.id, guild) }
        try await directory.upsert(member)
    }

    private func replace(_ creates: [GuildCreate]) async throws {
        guard let session = state.withLock({ $0.session }) else { return }
        let snapshots = creates.compactMap { GuildSnapshot($0) }
        state.withLock { state in
            for snapshot in snapshots {
                state.guilds.insert(snapshot.guild.id)
                if snapshot.membersAreComplete {
                    state.chunks.forgot(snapshot.guild.id)
                } else {
                    state.chunks.want(snapshot.guild.id)
                }
            }
        }
        try await directory.replace(snapshots, session: session)
    }

    private func request(_ requests: [MemberChunks.Request], _ gateway: Gateway) {
        for (guild, nonce) in requests {
            do {
                try gateway.send(
                    .requestMembers(RequestGuildMembers(guildID: Snowflake(guild), query: "", limit: 0, nonce: nonce)))
            } catch {
                log.error("a guild's members can't be requested", ["guild": "\(guild)", "reason": error.message])
            }
        }
    }

    private func merge(_ chunk: GuildMembersChunk) async throws {
        guard let guild = GuildID(discord: chunk.guildID) else { return }
        let members = chunk.members.compactMap { Guilds.Member($0, guild: guild) }
        let (current, complete) = state.withLock {
            $0.chunks.received(
                members.map(\.user.id), of: guild, part: chunk.chunkIndex, of: chunk.chunkCount, nonce: chunk.nonce)
        }
        try await directory.merge(members.filter { current.contains($0.user.id) }, of: guild)
        guard let complete else { return }
        let isComplete = try await directory.completeMembers(complete, of: guild)
        state.withLock { isComplete ? $0.chunks.forgot(guild) : $0.chunks.want(guild) }
    }
}
