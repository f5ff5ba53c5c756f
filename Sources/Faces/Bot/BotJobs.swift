import Core
import Discord

/// What gateway events make the bot do on Discord, concurrently, so that a slow answer doesn't cost another interaction its
/// three seconds. At most `backlog` jobs wait; more are dropped and logged.
final class BotJobs: Sendable {
    private enum Job: Sendable {
        case answer(Interaction, PressOrder.Turn)
        case registerCommands(application: Snowflake)
    }

    private static let backlog = 4096

    private let dispatcher: InteractionDispatcher
    private let rest: RESTClient
    private let registersCommands: Bool
    private let concurrency: Int
    private let time: TimeSource
    private let log: Log
    private let order = PressOrder()
    private let jobs: AsyncStream<Job>
    private let input: AsyncStream<Job>.Continuation

    /// - Parameters:
    ///   - registersCommands: commands belong to the application, so one shard registers them for all.
    ///   - concurrency: how many jobs are done at the same time.
    init(
        dispatcher: InteractionDispatcher, rest: RESTClient, registersCommands: Bool, concurrency: Int,
        time: TimeSource, log: Log
    ) {
        self.dispatcher = dispatcher
        self.rest = rest
        self.registersCommands = registersCommands
        self.concurrency = concurrency
        self.time = time
        self.log = log
        (jobs, input) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingOldest(Self.backlog))
    }

    /// Enqueues what follows from the event, if anything does. Never waits.
    func received(_ event: GatewayEvent) {
        let job: Job
        switch event {
        case .interactionCreate(let interaction): job = .answer(interaction, order.turn(of: interaction))
        case .ready(let ready) where registersCommands: job = .registerCommands(application: ready.application.id)
        default: return
        }
        guard case .dropped(let dropped) = input.yield(job) else { return }
        if case .answer(_, let turn) = dropped { turn.end() }
        log.error("too many interactions at a time; one is dropped")
    }

    /// Works until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await job in jobs {
                if running >= concurrency {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { await self.perform(job) }
            }
        }
    }

    private func perform(_ job: Job) async {
        switch job {
        case .answer(let interaction, let turn):
            await dispatcher.handle(interaction, turn)
            turn.end()
        case .registerCommands(let application): await registerCommands(of: application)
        }
    }

    private func registerCommands(of application: Snowflake) async {
        do {
            try await time.retrying(
                Backoff(base: .seconds(1), limit: .seconds(60)),
                failed: { error, _ in
                    log.warning("the bot's commands can't be registered yet", ["error": "\(error)"])
                },
                while: { ($0 as? DiscordError)?.isTemporary == true }
            ) {
                _ = try await rest.replaceCommands([GameCommand.draft], of: application)
            }
            log.info("registered the bot's commands")
        } catch is CancellationError {
            return
        } catch {
            log.error("the bot's commands can't be registered", ["error": "\(error)"])
        }
    }
}
