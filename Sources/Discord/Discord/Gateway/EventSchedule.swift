import Core

/// Decides in which order a shard's events are handled: in Discord's order, but a person who waits for an answer comes first.
///
/// When a session starts, thousands of guilds arrive. An interaction overtakes them: it is next, after those events of its own
/// guild that came before it. Of these, parts of the member list stay where they are, since whoever assembles the list expects
/// them late. Nothing overtakes READY, from which all that follows takes its meaning; what waits of the guilds and member
/// lists of a session before is then left out, because the new session reports all of that again.
///
/// Every operation costs the same however many events wait, READY apart.
package struct EventSchedule {
    /// How many guilds are handed out together, and how many channels, roles and members they may have in all.
    private let guilds: Int
    private let size: Int

    private var waiting: [Int: GatewayDelivery] = [:]
    /// Numbers of events: those added, and of the oldest that may still wait.
    private var last = 0
    private var oldest = 1
    /// The numbers of each guild's events.
    private var ofGuild: [Snowflake: Deque<Int>] = [:]
    /// Interactions, and the last READY, if they still wait.
    private var presses = Deque<(number: Int, guild: Snowflake?)>()
    private var ready: Int?
    /// What is next, before everything else.
    private var express = Deque<Int>()

    package init(guilds: Int = 32, size: Int = 512) {
        precondition(guilds > 0)
        self.guilds = guilds
        self.size = size
    }

    /// How many events wait.
    package var count: Int { waiting.count }

    /// An event was received. A GUILD_CREATE comes as `.guilds` with one.
    package mutating func add(_ delivery: GatewayDelivery) {
        if case .event(.ready) = delivery { leaveOutGuilds() }
        last += 1
        waiting[last] = delivery
        if let guild = delivery.guild { ofGuild[guild, default: Deque()].append(last) }
        switch delivery {
        case .event(.interactionCreate): presses.append((last, delivery.guild))
        case .event(.ready): ready = last
        default: break
        }
    }

    /// What is to be handled next; `nil` when nothing waits.
    package mutating func next() -> GatewayDelivery? {
        if let number = nextExpress() ?? expressForPress() { return take(number) }
        guard let number = nextInOrder(), let first = take(number) else { return nil }
        guard case .guilds(var batch) = first else { return first }
        var total = batch.reduce(0) { $0 + $1.size }
        while batch.count < guilds, let next = nextInOrder(), case .guilds(let more)? = waiting[next] {
            total += more.reduce(0) { $0 + $1.size }
            guard total <= size else { break }
            _ = take(next)
            batch += more
        }
        return .guilds(batch)
    }

    private mutating func take(_ number: Int) -> GatewayDelivery? {
        let delivery = waiting.removeValue(forKey: number)
        if ready == number { ready = nil }
        if let guild = delivery?.guild, ofGuild[guild]?.first == number {
            _ = ofGuild[guild]?.popFirst()
            if ofGuild[guild]?.isEmpty == true { ofGuild[guild] = nil }
        }
        return delivery
    }

    /// The oldest event that waits.
    private mutating func nextInOrder() -> Int? {
        while oldest <= last, waiting[oldest] == nil { oldest += 1 }
        return oldest <= last ? oldest : nil
    }

    private mutating func nextExpress() -> Int? {
        while let number = express.popFirst() { if waiting[number] != nil { return number } }
        return nil
    }

    /// Has the oldest interaction that may overtake come next, with what has to come before it.
    private mutating func expressForPress() -> Int? {
        while let press = presses.first {
            guard waiting[press.number] != nil else {
                _ = presses.popFirst()
                continue
            }
            if let ready, ready < press.number { return nil }
            _ = presses.popFirst()
            if let guild = press.guild {
                var later = Deque<Int>()
                while let number = ofGuild[guild]?.popFirst() {
                    guard let delivery = waiting[number] else { continue }
                    if number > press.number || delivery.isPartOfMemberList {
                        later.append(number)
                    } else {
                        express.append(number)
                    }
                }
                ofGuild[guild] = later.isEmpty ? nil : later
            } else {
                express.append(press.number)
            }
            return nextExpress()
        }
        return nil
    }

    private mutating func leaveOutGuilds() {
        waiting = waiting.filter { _, delivery in
            if case .guilds = delivery { return false }
            return !delivery.isPartOfMemberList
        }
    }
}

extension GatewayDelivery {
    /// The guild that it is about; `nil` also where the order within the guild doesn't matter.
    fileprivate var guild: Snowflake? {
        switch self {
        case .acknowledged: nil
        case .guilds(let creates): creates.first?.guild.id
        case .event(let event): event.guild
        }
    }

    fileprivate var isPartOfMemberList: Bool { if case .event(.guildMembersChunk) = self { true } else { false } }
}

extension GatewayEvent {
    /// The guild that it is about; `nil` for events of no guild.
    fileprivate var guild: Snowflake? {
        switch self {
        case .guildCreate(let create): create.guild.id
        case .guildUnavailable(let guild), .guildDelete(let guild): guild.id
        case .guildUpdate(let guild): guild.id
        case .channelCreate(let channel), .channelUpdate(let channel), .channelDelete(let channel): channel.guildID
        case .guildRoleCreate(let change), .guildRoleUpdate(let change): change.guildID
        case .guildRoleDelete(let change): change.guildID
        case .guildMemberAdd(let change), .guildMemberUpdate(let change): change.guildID
        case .guildMemberRemove(let change): change.guildID
        case .guildMembersChunk(let chunk): chunk.guildID
        case .guildBanAdd(let change), .guildBanRemove(let change): change.guildID
        case .voiceStateUpdate(let voice): voice.guildID
        case .voiceServerUpdate(let server): server.guildID
        case .messageCreate(let message), .messageUpdate(let message): message.guildID
        case .messageDelete(let gone): gone.guildID
        case .messageDeleteBulk(let gone): gone.guildID
        case .interactionCreate(let interaction): interaction.guildID
        case .ready, .resumed, .userUpdate, .other, .malformed: nil
        }
    }
}

extension GuildCreate {
    /// How much there is to record.
    fileprivate var size: Int { 1 + channels.count + guild.roles.count + members.count }
}
