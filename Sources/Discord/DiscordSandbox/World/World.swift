/// Everything that exists on the sandbox's Discord, and the rules by which it changes.
///
/// A value without a clock, sockets or tasks: callers set `now`, call a method, and take the events from `dispatches`.
package struct World: Sendable {
    /// How much is kept; the oldest is dropped first.
    package struct Limits: Sendable {
        package var messagesPerChannel = 1000
        package var interactions = 2000
        package var applications = 500

        package init() {}
    }

    /// Milliseconds since 1970. Callers set it before they change the world.
    package var now: Int64
    package var limits = Limits()
    package internal(set) var users: [UInt64: User] = [:]
    package internal(set) var guilds: [UInt64: Guild] = [:]
    /// Guilds in the order they were created.
    package internal(set) var guildOrder: [UInt64] = []
    package internal(set) var directChannels: [UInt64: Channel] = [:]
    /// Messages of a channel, oldest first.
    package internal(set) var messages: [UInt64: [Message]] = [:]
    package internal(set) var applications: [UInt64: Application] = [:]
    package internal(set) var applicationOrder: [UInt64] = []
    package internal(set) var commands: [UInt64: Command] = [:]
    package internal(set) var interactions: [UInt64: Interaction] = [:]
    package internal(set) var interactionOrder: [UInt64] = []
    /// Gateway events in the order they happened, not yet passed to sessions.
    package var dispatches: [Dispatch] = []
    /// What has changed for pages that show the world.
    package var changes: [Change] = []
    private var lastID: UInt64 = 0
    /// The guild that each channel belongs to.
    private var guildsOfChannels: [UInt64: UInt64] = [:]

    /// A change that pages have to show.
    package enum Change: Sendable, Equatable {
        case message(UInt64, channel: UInt64)
        case messageDeleted(UInt64, channel: UInt64)
        /// Guilds, channels, roles, members or voice states.
        case structure
    }

    package init(now: Int64) { self.now = now }

    /// Discord's epoch: identifiers carry the time since then.
    package static let epoch: Int64 = 1_420_070_400_000

    /// A new identifier, greater than every one before.
    package mutating func nextID() -> UInt64 {
        let id = UInt64(max(0, now - Self.epoch)) << 22 | 1 << 17
        lastID = max(id, lastID + 1)
        return lastID
    }

    package mutating func takeDispatches() -> [Dispatch] {
        defer { dispatches.removeAll() }
        return dispatches
    }

    package mutating func takeChanges() -> [Change] {
        defer { changes.removeAll() }
        return changes
    }

    package func channel(_ id: UInt64) -> Channel? {
        directChannels[id] ?? guildsOfChannels[id].flatMap { guilds[$0]?.channels[id] }
    }

    /// Adds a guild, with its channels.
    mutating func add(_ guild: Guild) {
        guilds[guild.id] = guild
        guildOrder.append(guild.id)
        for channel in guild.channels.keys { guildsOfChannels[channel] = guild.id }
    }

    /// Adds or changes a channel of a guild; `nil` removes it.
    mutating func set(_ channel: Channel?, _ id: UInt64, of guildID: UInt64) {
        guard guilds[guildID] != nil else { return }
        guilds[guildID]?.channels[id] = channel
        guildsOfChannels[id] = channel == nil ? nil : guildID
    }

    package func message(_ id: UInt64, in channelID: UInt64) -> Message? {
        messages[channelID]?.last { $0.id == id }
    }

    package func message(_ id: UInt64) -> Message? {
        for list in messages.values {
            if let message = list.last(where: { $0.id == id }) { return message }
        }
        return nil
    }

    /// The guilds this user or bot is a member of and that are wanted, oldest first.
    func guildIDs(of userID: UInt64, where isWanted: (UInt64) -> Bool = { _ in true }) -> [UInt64] {
        guildOrder.filter { isWanted($0) && guilds[$0]?.members[userID] != nil }
    }

    /// Guilds this user or bot is a member of, oldest first.
    package func guilds(of userID: UInt64) -> [Guild] {
        guildOrder.compactMap { guilds[$0] }.filter { $0.members[userID] != nil }
    }

    mutating func emit(
        _ event: String, _ data: JSON, to audience: Dispatch.Audience, intent: Intents = [], subject: UInt64? = nil,
        except exception: UInt64? = nil
    ) {
        let isAboutMessages = event.hasPrefix("MESSAGE_") || event == "INTERACTION_CREATE"
        if !isAboutMessages, changes.last != .structure { changes.append(.structure) }
        dispatches.append(
            Dispatch(
                event: event, data: data, audience: audience, intent: intent, subject: subject, exception: exception))
    }
}
