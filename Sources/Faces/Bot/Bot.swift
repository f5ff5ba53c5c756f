package import Bus
package import Core
package import Discord
import DiscordCommunity
package import EventLoop
import FoundationEssentials
package import Guilds
package import Scheduler
package import Store
import Synchronization

/// Tandem's face on Discord: learns guilds and members from the gateway, answers buttons and commands by the same
/// service as the web, and keeps one message for each game up to date.
package final class Bot: Service {
    package struct Configuration: Sendable {
        package var token: Secret
        package var shard: GatewaySession.Shard?
        /// Messages are among the intents so that a card that somebody deletes is noticed at once.
        package var intents: Intents = [.guilds, .guildMembers, .guildVoiceStates, .guildMessages]
        /// Makes the address of a game's page, for the title of its card. `nil` for no link.
        package var page: @Sendable (GameID) -> String? = { _ in nil }
        /// Interactions that are answered at the same time; more wait.
        package var interactions = 256

        package init(token: Secret) { self.token = token }
    }

    package let name = "bot"
    private let configuration: Configuration
    private let gateway: Gateway
    private let consumer: Consumer
    private let keeper: CardKeeper
    private let records: CardRecords
    private let desk: InteractionDesk
    private let rest: RESTClient
    private let timeline: Timeline
    private let log: Log
    private let jobs: AsyncStream<Job>

    fileprivate enum Job: Sendable {
        case answer(Interaction)
        case register(application: Snowflake)
    }

    /// - Parameters:
    ///   - rest: with the bot's token.
    ///   - events, bus: where the games' events come from.
    ///   - writes: shared with the web's face, for whoever changes things on both.
    package init(
        _ configuration: Configuration, rest: RESTClient, group: EventLoopGroup, database: any Database,
        events: any EventLog, bus: any Bus, directory: GuildDirectory, games: GameService,
        writes: Allowance, clock: WallClock = .system, timeline: Timeline = .continuous, log: Log = .none,
        metrics: Metrics = Metrics()
    ) {
        self.configuration = configuration
        self.rest = rest
        self.timeline = timeline
        self.log = log
        let records = CardRecords(database: database)
        let work = CardWork(
            games: games, records: records, rest: rest, clock: clock, log: log.labelled("cards"),
            page: configuration.page)
        let keeper = CardKeeper(
            games: games, records: records, work: work, timeline: timeline, log: log.labelled("cards"))
        let feed = GuildFeed(directory: directory, shard: configuration.shard, log: log.labelled("guilds"))
        self.records = records
        self.keeper = keeper
        desk = InteractionDesk(
            games: games, writes: writes, rest: rest, clock: clock, log: log.labelled("interactions"),
            answered: metrics.histogram(
                "tandem_interaction_seconds", help: "From an interaction to the end of its answer."))
        let (jobs, give) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingOldest(4096))
        self.jobs = jobs
        var session = GatewaySession.Configuration(token: configuration.token)
        session.intents = configuration.intents
        session.shard = configuration.shard
        gateway = Gateway(session, rest: rest, group: group, timeline: timeline, log: log, metrics: metrics) {
            [log] delivery, gateway in
            await feed.received(delivery, from: gateway)
            guard case .event(let event) = delivery else { return }
            if case .dropped = give.yield(for: event) { log.error("too many interactions at a time; one is dropped") }
            do {
                try await keeper.noticed(event)
            } catch {
                log.error("a game's message may be out of date", ["error": "\(error)"])
            }
        }
        consumer = Consumer(
            name: "bot", database: database, events: events, bus: bus, log: log, metrics: metrics,
            missed: { _ in try await keeper.eventsMissed(in: feed.guilds) },
            handle: { event in
                guard event.kind.hasPrefix("game."), let game = GameReference(event.payload)?.id else { return }
                try await keeper.gameChanged(game)
            })
    }

    /// How the connection to Discord is.
    package var gatewayPhase: GatewaySession.Phase { gateway.phase }

    /// What keeps games' messages from being right and only people can mend.
    package func problems(limit: Int = 100) async throws -> [CardProblem] { try await records.problems(limit: limit) }

    /// Works until cancelled.
    ///
    /// - Throws: `GatewayError` when Discord refuses the bot for good.
    package func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.gateway.run() }
            group.addTask { try await self.keeper.run() }
            group.addTask { try await self.consumer.run() }
            group.addTask { await self.work() }
            // Whichever ends first ends the others: by cancellation all of them, by a fault the program.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Answers interactions beside each other, so that a slow one doesn't cost another its three seconds.
    private func work() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await job in jobs {
                if running >= configuration.interactions {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask {
                    switch job {
                    case .answer(let interaction): await self.desk.handle(interaction)
                    case .register(let application): await self.register(application)
                    }
                }
            }
        }
    }

    private func register(_ application: Snowflake) async {
        var backoff = Backoff(base: .seconds(1), limit: .seconds(60))
        while !Task.isCancelled {
            do {
                try await rest.replaceCommands([GameCommand.draft], of: application)
                return log.info("registered the bot's commands")
            } catch let error as DiscordError where error.isTemporary {
                log.warning("the bot's commands can't be registered yet", ["error": "\(error)"])
                try? await timeline.sleep(until: timeline.now + backoff.next())
            } catch {
                return log.error("the bot's commands can't be registered", ["error": "\(error)"])
            }
        }
    }
}

extension AsyncStream.Continuation where Element == Bot.Job {
    /// Hands on what has to be done beside the events, if this is such.
    fileprivate func yield(for event: GatewayEvent) -> YieldResult? {
        switch event {
        case .interactionCreate(let interaction): yield(.answer(interaction))
        case .ready(let ready): yield(.register(application: ready.application.id))
        default: nil
        }
    }
}

extension CardKeeper {
    /// What the gateway says that may concern games' messages.
    fileprivate func noticed(_ event: GatewayEvent) async throws {
        switch event {
        case .guildCreate(let create):
            if let guild = GuildID(discord: create.guild.id) { try await guildAvailable(guild) }
        case .channelCreate(let channel), .channelUpdate(let channel):
            if let guild = channel.guildID.flatMap({ GuildID(discord: $0) }) { try await guildChanged(guild) }
        case .guildRoleUpdate(let change):
            if let guild = GuildID(discord: change.guildID) { try await guildChanged(guild) }
        case .guildMemberUpdate(let change) where change.member.user?.bot == true:
            // The bot itself may have been given a role.
            if let guild = GuildID(discord: change.guildID) { try await guildChanged(guild) }
        case .messageDelete(let gone):
            if let message = MessageID(discord: gone.id) { try await messagesDeleted([message]) }
        case .messageDeleteBulk(let gone):
            try await messagesDeleted(gone.ids.compactMap { MessageID(discord: $0) })
        default: return
        }
    }
}

/// The part of a game event's payload that the bot needs.
private struct GameReference: Decodable {
    let gameID: String

    enum CodingKeys: String, CodingKey {
        case gameID = "game_id"
    }

    init?(_ payload: String) {
        guard let reference = try? JSONDecoder().decode(GameReference.self, from: Data(payload.utf8)) else {
            return nil
        }
        self = reference
    }

    var id: GameID? { GameID(gameID) }
}
