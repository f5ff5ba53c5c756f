import Core
import Discord
import Guilds
import Store
import Synchronization

/// Tells the community layer what the gateway says, event by event.
final class GuildFeed: Sendable {
    private struct State {
        var session: String?
        /// Whether every event of the session was taken in. What was left out may have taken access from somebody, so
        /// without it the session vouches for nobody.
        var isWhole = true
        var chunks = MemberChunks()
        var guilds: Set<GuildID> = []
    }

    private let directory: GuildDirectory
    private let shard: GatewaySession.Shard?
    private let log: Log
    private let state = Mutex(State())

    init(directory: GuildDirectory, shard: GatewaySession.Shard?, log: Log) {
        self.directory = directory
        self.shard = shard
        self.log = log
    }

    /// The guilds that the gateway has told of.
    var guilds: Set<GuildID> { state.withLock { $0.guilds } }

    /// How often an event is tried with which nothing but the event itself seems to be wrong.
    private static let tries = 5

    /// Returns when the delivery is taken in. A database that is busy or away is waited for: what the gateway says is
    /// said once. What can't be taken in although nothing is away is left out, for everybody's presses wait behind it.
    func received(_ delivery: Gateway.Delivery, from gateway: Gateway) async {
        var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))
        var failures = 0
        while !Task.isCancelled {
            do {
                switch delivery {
                case .acknowledged: try await confirm()
                case .event(let event): try await take(event, gateway)
                }
                return
            } catch is CancellationError {
                return
            } catch let error as StoreError where error.isTemporary || failures < Self.tries - 1 {
                if !error.isTemporary { failures += 1 }
                log.error("an event from Discord can't be stored, trying again", ["error": "\(error)"])
                try? await Task.sleep(for: backoff.next())
            } catch {
                state.withLock { $0.isWhole = false }
                return log.error(
                    "an event from Discord is left out; until the next session, memberships are confirmed one by one",
                    ["error": "\(error)"])
            }
        }
    }

    private func confirm() async throws {
        guard let session = state.withLock({ $0.isWhole ? $0.session : nil }) else { return }
        try await directory.gatewayConfirmed(session: session)
    }

    private func take(_ event: GatewayEvent, _ gateway: Gateway) async throws {
        switch event {
        case .ready(let ready): try await start(ready)
        case .resumed:
            try await confirm()
            // A request for members may have been lost with the connection.
            let requests = state.withLock { $0.chunks.requestedAgain() }
            for (guild, nonce) in requests { ask(for: guild, nonce, gateway) }
        case .guildCreate(let create): try await replace(create, gateway)
        case .guildUpdate(let guild):
            if let guild = Guilds.Guild(guild) { try await directory.update(guild) }
        case .guildDelete(let gone):
            guard gone.unavailable != true, let guild: GuildID = gone.id.identity() else { return }
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
            guard let guild: GuildID = change.guildID.identity() else { return }
            if let role = Guilds.Role(change.role, guild: guild) { try await directory.upsert(role) }
        case .guildRoleDelete(let change):
            guard let guild: GuildID = change.guildID.identity(), let role: RoleID = change.roleID.identity() else {
                return
            }
            try await directory.remove(role, from: guild)
        case .guildMemberAdd(let change), .guildMemberUpdate(let change):
            guard let guild: GuildID = change.guildID.identity(),
                let member = Guilds.Member(change.member, guild: guild)
            else { return }
            state.withLock { $0.chunks.joined(member.user.id, guild) }
            try await directory.upsert(member)
        case .guildMemberRemove(let change):
            guard let guild: GuildID = change.guildID.identity(), let user: UserID = change.user.id.identity() else {
                return
            }
            state.withLock { $0.chunks.left(user, guild) }
            try await directory.remove(user, from: guild)
        case .guildMembersChunk(let chunk): try await merge(chunk, gateway)
        case .userUpdate(let user):
            if let user = Guilds.User(user) { try await directory.upsert(user) }
        case .interactionCreate(let interaction):
            // Discord vouches for the member, who may not be in any list yet.
            guard let guild: GuildID = interaction.guildID?.identity(),
                let member = interaction.member.flatMap({ Guilds.Member($0, guild: guild) })
            else { return }
            state.withLock { $0.chunks.joined(member.user.id, guild) }
            try await directory.upsert(member)
        default: return
        }
    }

    private func start(_ ready: Ready) async throws {
        guard let bot = Guilds.User(ready.user) else { return }
        let guilds = Set(ready.guilds.compactMap { $0.id.identity(Guilds.Guild.self) })
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

    private func replace(_ create: GuildCreate, _ gateway: Gateway) async throws {
        guard let guild = Guilds.Guild(create.guild), let session = state.withLock({ $0.session }) else { return }
        let members = create.members.compactMap { Guilds.Member($0, guild: guild.id) }
        // Without the presence intent Discord sends only some members, whatever the guild's size.
        let isComplete = create.memberCount > 0 && members.count >= create.memberCount
        let nonce = state.withLock { state in
            state.guilds.insert(guild.id)
            if isComplete { state.chunks.forgot(guild.id) }
            return isComplete ? nil : state.chunks.requested(guild.id)
        }
        try await directory.replace(
            GuildSnapshot(
                guild: guild, channels: create.channels.compactMap { Guilds.Channel($0, guild: guild.id) },
                roles: create.guild.roles.compactMap { Guilds.Role($0, guild: guild.id) }, members: members,
                membersAreComplete: isComplete), session: session)
        if let nonce { ask(for: guild.id, nonce, gateway) }
    }

    private func ask(for guild: GuildID, _ nonce: String, _ gateway: Gateway) {
        gateway.send(
            .requestMembers(RequestGuildMembers(guildID: Snowflake(guild), query: "", limit: 0, nonce: nonce)))
    }

    private func merge(_ chunk: GuildMembersChunk, _ gateway: Gateway) async throws {
        guard let guild: GuildID = chunk.guildID.identity() else { return }
        let members = chunk.members.compactMap { Guilds.Member($0, guild: guild) }
        let (current, complete) = state.withLock {
            $0.chunks.received(
                members.map(\.user.id), of: guild, part: chunk.chunkIndex, of: chunk.chunkCount, nonce: chunk.nonce)
        }
        try await directory.merge(members.filter { current.contains($0.user.id) }, of: guild)
        if let complete {
            if try await directory.completeMembers(complete, of: guild) {
                state.withLock { $0.chunks.forgot(guild) }
            } else {
                ask(for: guild, state.withLock { $0.chunks.requested(guild) }, gateway)
            }
        }
    }
}
