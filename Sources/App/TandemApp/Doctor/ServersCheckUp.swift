import Bus
import Core
import EventLoop
import FoundationEssentials
import Redis
import Store
import Synchronization

/// Checks that PostgreSQL, the bus and the cache are available and set up as Tandem needs them.
struct ServersCheckUp {
    let configuration: Configuration
    let group: EventLoopGroup

    var time = TimeSource.system

    /// How long a server may take to answer.
    private static let timeout = Duration.seconds(6)

    func findings() async -> [Finding] {
        var findings: [Finding] = []
        if let url = configuration.servers.database { findings += await checkPostgres(url) }
        if let url = configuration.servers.bus?.revealed { findings.append(await checkBus(url)) }
        if let url = configuration.servers.cache?.revealed {
            findings.append(await checkRedis("cache", "TANDEM_CACHE_URL", url))
        }
        return findings
    }

    // MARK: PostgreSQL

    private func checkPostgres(_ url: Secret) async -> [Finding] {
        let database: PostgresDatabase
        do {
            database = try await PostgresDatabase.open(PostgresConfiguration(url: url), group: group)
        } catch let error as StoreError {
            let cause = error.cause.map { " (\($0))" } ?? ""
            // insufficient_privilege
            let isForbidden = error.cause?.contains("42501") ?? false
            return [
                .broken(
                    "database", "\(Self.shown(url.revealed)) can't be used\(cause)",
                    do: isForbidden
                        ? "as the database's owner: GRANT CREATE ON SCHEMA public TO <user>"
                        : "start the server, or correct TANDEM_DATABASE_URL")
            ]
        } catch {
            return [.broken("database", "can't be opened", do: "\(error)")]
        }
        let findings = await judge(database, url)
        await database.close()
        return findings
    }

    private func judge(_ database: PostgresDatabase, _ url: Secret) async -> [Finding] {
        do {
            let facts = try await database.read { reader in
                try await reader.query(
                    """
                    SELECT CAST(current_setting('server_version_num') AS BIGINT) AS version,
                        current_setting('server_version') AS name,
                        CAST(current_setting('max_connections') AS BIGINT) AS connections,
                        CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 1 ELSE 0 END AS may_create
                    """
                ).first
            }
            guard let facts else { return [.broken("database", "answers nothing", do: "see the server's log")] }
            let name = try facts["name", as: String.self]
            guard try facts["version", as: Int64.self] >= 140_000 else {
                return [.broken("database", "PostgreSQL \(name) is too old", do: "upgrade it to version 14 or newer")]
            }
            var findings = [Finding.good("database", "PostgreSQL \(name) at \(Self.shown(url.revealed))")]
            let connections = try facts["connections", as: Int64.self]
            if connections < 30 {
                findings.append(
                    .weak(
                        "connections", "the server takes \(connections)",
                        do: "each process uses up to 6: raise max_connections to 6 for each, and some to spare"))
            }
            let pending = try await database.pendingMigrations(Backend.migrations)
            if pending == 0 {
                findings.append(.good("schema", "up to date"))
            } else if try facts["may_create", as: Bool.self] {
                findings.append(
                    .good("schema", "\(pending) migrations to come; the first process to start applies them"))
            } else {
                findings.append(
                    .broken(
                        "schema", "\(pending) migrations to come, and this user may not create tables",
                        do: "as the database's owner: GRANT CREATE ON SCHEMA public TO <user>"))
            }
            return findings + (await DeadLettersCheckUp(database).findings())
        } catch let error as StoreError {
            return [.broken("database", error.code, do: error.message)]
        } catch {
            return [.broken("database", "can't be asked", do: "\(error)")]
        }
    }

    // MARK: Bus and cache

    private func checkBus(_ url: String) async -> Finding {
        guard url.hasPrefix("amqp") else { return await checkRedis("bus", "TANDEM_BUS_URL", url) }
        let complaints = Complaints()
        do {
            // It connects and publishes nothing, so it needs no key to sign with.
            let bus = RabbitBus(try BusAndCache.rabbit(url, key: [], epoch: ""), log: complaints.log)
            defer { bus.close() }
            guard await becomesTrue({ bus.isConnected }) else {
                return .broken(
                    "bus", "RabbitMQ at \(Self.shown(url)) can't be used\(complaints.last)",
                    do:
                        "start the server, or correct TANDEM_BUS_URL; its user needs configure, write and read permission"
                        + " for the exchange game_scheduler and for queues of its own")
            }
            return .good("bus", "RabbitMQ at \(Self.shown(url))")
        } catch {
            return .broken("bus", "TANDEM_BUS_URL is not a valid address", do: Self.sentence(error))
        }
    }

    private func checkRedis(_ subject: String, _ variable: String, _ url: String) async -> Finding {
        let complaints = Complaints()
        do {
            let redis = try await RedisConnection(
                RedisConfiguration(url: url), loop: group.next(), log: complaints.log, purpose: "doctor")
            let isThere = await becomesTrue { redis.isConnected }
            let version = isThere ? Self.version(try? await redis.send("INFO", "server")) : ""
            await redis.close()
            guard isThere else {
                return .broken(
                    subject, "Redis at \(Self.shown(url)) can't be used\(complaints.last)",
                    do: "start the server, or correct \(variable)")
            }
            return .good(subject, "Redis\(version) at \(Self.shown(url))")
        } catch {
            return .broken(subject, "\(variable) is not a valid address", do: Self.sentence(error))
        }
    }

    private static func version(_ reply: RedisReply?) -> String {
        guard case .bytes(let bytes)? = reply else { return "" }
        let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first {
            $0.hasPrefix("redis_version:")
        }
        return line.map { " \($0.dropFirst("redis_version:".count))" } ?? ""
    }

    /// Whether `condition` comes true within the timeout.
    private func becomesTrue(_ condition: () -> Bool) async -> Bool {
        let deadline = time.now + Self.timeout
        while !condition() {
            guard time.now < deadline, (try? await time.sleep(for: .milliseconds(20))) != nil else { return false }
        }
        return true
    }

    private static func sentence(_ error: any Error) -> String { (error as? any CodedError)?.message ?? "\(error)" }

    /// An address without user, password and options.
    private static func shown(_ url: String) -> String {
        guard let parts = URLComponents(string: url) else { return "the address" }
        return "\(parts.host ?? "a local socket")\(parts.port.map { ":\($0)" } ?? "")\(parts.path)"
    }
}

/// The last warning of a connection, which keeps retrying instead of throwing.
private final class Complaints: Sendable {
    private let line = Mutex("")

    var log: Log { Log(minimum: .warning) { [weak self] line in self?.line.withLock { $0 = line } } }

    var last: String {
        let line = line.withLock(\.self)
        return line.isEmpty ? "" : " (\(line.split(separator: ": ", maxSplits: 1).last ?? ""))"
    }
}
