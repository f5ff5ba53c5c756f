import Core
import Redis

/// What everything kept in a Redis server has in common: a prefix, and operations that may fail without harm.
struct RedisStore: Sendable {
    let redis: RedisConnection
    let prefix: String
    let meters: CacheMeters

    init(_ redis: RedisConnection, prefix: String, log: Log, metrics: Metrics) {
        self.redis = redis
        self.prefix = prefix
        meters = CacheMeters(log: log, metrics: metrics)
    }

    func name(_ kind: String, _ key: String) -> RedisCommand.Word { .text("\(prefix)\(kind):\(key)") }

    /// Nil when the server can't be asked.
    func attempt(_ what: String, _ command: RedisCommand) async -> RedisReply? {
        do {
            return try await send(what, command)
        } catch {
            return nil
        }
    }

    func send(_ what: String, _ command: RedisCommand) async throws -> RedisReply {
        do {
            let reply = try await redis.send(command)
            meters.worked()
            return reply
        } catch {
            meters.failed(what, error)
            throw error
        }
    }
}
