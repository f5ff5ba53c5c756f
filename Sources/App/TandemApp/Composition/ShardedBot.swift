import Bot
import Core
import Discord
import Store
import Synchronization

/// Runs the bot's shards. Each has one gateway session, so one process leads it at a time; which of them, chance decides. When a
/// process ends, the others take its shards over.
struct ShardedBot: Service {
    /// Why the shards of one number ended.
    private enum End {
        case stopped
        case countChanged(Int)
        /// Discord demands more shards.
        case tooFew
    }

    let name = "bot"
    let database: any Database
    let lookup: GatewayLookup
    let budget: DiscordBudget
    /// The number that is set; without it, as many as Discord recommends.
    let wish: Int?
    var time = TimeSource.system
    let log: Log
    /// A bot runs once, so each time this process becomes a shard's leader it makes a new one.
    let make: @Sendable (GatewaySession.Shard) -> Bot

    /// How often other processes' decisions are looked for.
    private static let watchInterval = Duration.seconds(5)
    /// Processes that start together take shards in turn.
    private static let stagger = Duration.seconds(1)
    /// How long Discord may take to answer when the number of shards is known already.
    private static let patience = Duration.seconds(3)

    /// - Throws: `GatewayError` when Discord refuses the bot for good.
    func run() async throws {
        guard var count = try await agreed(nil) else { return }
        while !Task.isCancelled {
            log.info("the bot's shards", ["count": String(count)])
            switch try await serve(count) {
            case .stopped: return
            case .countChanged(let new): count = new
            case .tooFew:
                guard let new = try await agreed(count) else { return }
                count = new
            }
        }
    }

    // MARK: The number of shards

    /// The number that all processes agree on.
    ///
    /// - Parameter tooFew: a number that Discord finds too small.
    /// - Returns: `nil` when cancelled.
    /// - Throws: `GatewayError` when Discord refuses the token.
    private func agreed(_ tooFew: Int?) async throws -> Int? {
        do {
            return try await time.retrying(
                Backoff(base: .seconds(1), limit: .seconds(60)),
                failed: { [log] error, _ in log.warning("the number of shards is unknown", ["error": "\(error)"]) },
                while: { ($0 as? DiscordError)?.status != 401 }
            ) { try await agree(tooFew) }
        } catch is CancellationError {
            return nil
        } catch {
            throw GatewayError.unauthorized
        }
    }

    private func agree(_ tooFew: Int?) async throws -> Int {
        let shards = ShardCount(database: database)
        let decided = try await shards.decided()
        if let wish { return decided == wish ? wish : try await shards.decide(wish, replacing: decided) }
        if let decided, let tooFew, decided > tooFew { return decided }
        guard let decided else {
            return try await shards.decide(max(1, try await lookup.gateway().shards), replacing: nil)
        }
        // Discord recommends more than are needed, so a larger number can wait for a start.
        let recommended = try? await time.withTimeout(Self.patience) { [lookup] in try await lookup.gateway().shards }
        let wanted = max(recommended ?? 0, tooFew.map { $0 + 1 } ?? 0)
        return wanted > decided ? try await shards.decide(wanted, replacing: decided) : decided
    }

    private func watch(_ count: Int) async -> End {
        while (try? await time.sleep(for: Self.watchInterval)) != nil {
            if let decided = try? await ShardCount(database: database).decided(), decided != count {
                return .countChanged(decided)
            }
        }
        return .stopped
    }

    // MARK: Shards

    private func serve(_ count: Int) async throws -> End {
        try await withThrowingTaskGroup(of: End.self) { group in
            let first = Int.random(in: 0..<count)
            for turn in 0..<count {
                let shard = GatewaySession.Shard(number: (first + turn) % count, count: count)
                group.addTask {
                    guard (try? await time.sleep(for: Self.stagger * turn)) != nil else { return .stopped }
                    return try await lead(shard)
                }
            }
            group.addTask { await watch(count) }
            defer { group.cancelAll() }
            return try await group.next() ?? .stopped
        }
    }

    /// - Throws: `GatewayError` when Discord refuses the bot for good.
    private func lead(_ shard: GatewaySession.Shard) async throws -> End {
        let refusal = Refusal()
        await database.whileLeading(Bot.name(ofShard: shard.number), time: time, log: log) {
            budget.began(of: shard.count)
            defer { budget.ended() }
            do { try await make(shard).run() } catch let error as GatewayError {
                refusal.error.withLock { $0 = error }
            }
        }
        guard let error = refusal.error.withLock(\.self) else { return .stopped }
        if error.demandsMoreShards, wish == nil { return .tooFew }
        throw error
    }

    private final class Refusal: Sendable {
        let error = Mutex<GatewayError?>(nil)
    }
}
