package import Bus
package import Core
package import Discord
import DiscordCommunity
package import EventLoop
package import Guilds
package import Scheduler
package import Store

/// Tandem's face on Discord, for the guilds of one shard: records guilds and members that the gateway reports, answers buttons
/// and commands by the same service as the web, and keeps one message for each game up to date.
package final class Bot: Service {
    /// What the bot is to Discord, and how much it does at a time.
    package struct Configuration: Sendable {
        package var token: Secret
        /// `nil` when one session serves all guilds.
        package var shard: GatewaySession.Shard?
        /// Messages are among the intents so that a deleted card is noticed at once.
        package var intents: Intents = [.guilds, .guildMembers, .guildVoiceStates, .guildMessages]
        /// Makes the address of a game's page, for the title of its card. `nil` for no link.
        package var page: @Sendable (GameID) -> String? = { _ in nil }
        /// How many interactions are answered at the same time; more wait.
        package var interactions = 256

        package init(token: Secret) { self.token = token }
    }

    package let name: String
    private let gateway: Gateway
    private let consumer: Consumer
    private let keeper: CardKeeper
    private let records: CardRecords
    private let jobs: BotJobs

    /// - Parameters:
    ///   - rest: with the bot's token.
    ///   - lookup, identifyTurns: see `Gateway`; shared by the bots of all shards in this process.
    ///   - events, bus: where the games' events come from.
    ///   - writes: shared with the web's face, for users who change things on both.
    package init(
        _ configuration: Configuration, rest: RESTClient, lookup: GatewayLookup,
        identifyTurns: @escaping IdentifyTurns = { _, body in await body() }, group: EventLoopGroup,
        database: any Database,
        events: any EventLog, bus: any Bus, directory: GuildDirectory, games: GameService,
        writes: Allowance, time: TimeSource = .system, log: Log = .none, metrics: Metrics = Metrics()
    ) {
        let number = configuration.shard?.number ?? 0
        name = Self.name(ofShard: number)
        let cardLog = log.labelled("cards")
        let records = CardRecords(database: database, shard: configuration.shard)
        let refresher = CardRefresher(
            games: games, records: records, rest: rest, time: time, log: cardLog, page: configuration.page)
        let keeper = CardKeeper(games: games, records: records, refresher: refresher, time: time, log: cardLog)
        let feed = GuildFeed(
            directory: directory, shard: configuration.shard, time: time, log: log.labelled("guilds"))
        let dispatcher = InteractionDispatcher(
            games: games, writes: writes, rest: rest, time: time, log: log.labelled("interactions"),
            duration: metrics.histogram(
                "tandem_interaction_seconds", help: "From an interaction to the end of its answer.",
                labels: ["shard": String(number)]))
        let jobs = BotJobs(
            dispatcher: dispatcher, rest: rest, registersCommands: number == 0,
            concurrency: configuration.interactions, time: time, log: log)
        self.records = records
        self.keeper = keeper
        self.jobs = jobs
        var session = GatewaySession.Configuration(token: configuration.token)
        session.intents = configuration.intents
        session.shard = configuration.shard
        gateway = Gateway(
            session, lookup: lookup, group: group, identifyTurns: identifyTurns, time: time, log: log, metrics: metrics
        ) { [log] delivery, gateway in
            await feed.received(delivery, from: gateway)
            if case .event(let event) = delivery { jobs.received(event) }
            do {
                try await keeper.received(delivery)
            } catch {
                log.error("a game's message may be out of date", ["error": "\(error)"])
            }
        }
        consumer = Consumer(
            name: name, database: database, events: events, bus: bus, time: time, log: log, metrics: metrics,
            missed: { _ in try await keeper.eventsMissed(in: feed.guilds) },
            handle: { event in
                guard event.kind.hasPrefix("game."), let reference = GameReference(event.payload),
                    let game = reference.id, reference.guild.map(records.serves) ?? true
                else { return }
                try await keeper.gameChanged(game)
            })
    }

    /// What the bot of a shard leads under, and calls its position in the event log: that of the first is the name it had
    /// before there were shards.
    package static func name(ofShard number: Int) -> String { number == 0 ? "bot" : "bot/\(number)" }

    /// The state of the connection to Discord.
    package var gatewayPhase: GatewaySession.Phase { gateway.phase }

    /// What keeps games' messages from being right and only people can mend, oldest first.
    ///
    /// - Throws: `StoreError`.
    package func problems(limit: Int = 100) async throws -> [CardProblem] { try await records.problems(limit: limit) }

    /// Works until cancelled. It can't be run again.
    ///
    /// - Throws: `GatewayError` when Discord refuses the bot for good; `StoreError` when the database can't be read at the
    ///   start.
    package func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.gateway.run() }
            group.addTask { try await self.keeper.run() }
            group.addTask { try await self.consumer.run() }
            group.addTask { await self.jobs.run() }
            // Whichever ends first ends the others: by cancellation all of them, by an error the program.
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
