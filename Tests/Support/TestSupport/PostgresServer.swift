import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A PostgreSQL server of a test's own on a free port of loopback, with its data in a temporary folder.
package final class PostgresServer: Sendable {
    package let port: Int
    /// Also where its socket lies.
    package var folder: String { place.path }
    private let place: TemporaryFolder
    private let programs: String
    private let settings: [String]
    private let process = Mutex<ChildProcess?>(nil)
    private let databases = Mutex(0)
    private let isTemporary: Bool

    /// One server for all tests of this process that don't disturb it; each makes a database of its own on it.
    package static var shared: PostgresServer {
        get async throws { try await common.value }
    }

    private static let common = Task { try await PostgresServer(isTemporary: false) }
    private static let left = Mutex<[PostgresServer]>([])

    /// - Parameters:
    ///   - settings: such as `max_connections=20`.
    ///   - encrypted: certificate, key and authority, as PEM files, for TLS beside plain connections.
    package convenience init(
        _ settings: [String] = [], encrypted: (certificate: String, key: String, authority: String)? = nil
    ) async throws {
        try await self.init(settings, encrypted: encrypted, isTemporary: true)
    }

    private init(
        _ settings: [String] = [], encrypted: (certificate: String, key: String, authority: String)? = nil,
        isTemporary: Bool
    ) async throws {
        port = try freePort()
        programs = try Self.findPrograms()
        self.settings = settings + (encrypted == nil ? [] : ["ssl=on"])
        self.isTemporary = isTemporary
        place = try TemporaryFolder()
        if !isTemporary {
            // It goes with the process.
            Self.left.withLock { $0.append(self) }
            atexit {
                PostgresServer.left.withLock { for server in $0 { server.remove() } }
            }
        }
        try giveToPostgres(folder)
        try await run(
            "initdb", "-D", "\(folder)/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        if let encrypted {
            for (file, name) in [(encrypted.certificate, "server.crt"), (encrypted.key, "server.key")] {
                try FileManager.default.copyItem(atPath: file, toPath: "\(folder)/data/\(name)")
                // It takes no key that others can read.
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: "\(folder)/data/\(name)")
                try giveToPostgres("\(folder)/data/\(name)")
            }
        }
        try await start()
    }

    deinit {
        if isTemporary { remove() }
    }

    /// With all its processes: one that can't write its pages any more would try for ever.
    private func remove() {
        end(SIGQUIT)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The address of a database; of a new and empty one unless named.
    package func url(_ database: String? = nil) async throws -> String {
        var name = database
        if name == nil { name = try await newDatabase() }
        return "postgres://postgres@127.0.0.1:\(port)/\(name ?? "")"
    }

    package func newDatabase() async throws -> String {
        let number = databases.withLock { number in
            number += 1
            return number
        }
        try await sql("CREATE DATABASE test\(number)", in: "postgres")
        return "test\(number)"
    }

    /// Runs statements by `psql`, beside everybody else; returns the values, a row a line.
    @discardableResult
    package func sql(_ statements: String, in database: String) async throws -> String {
        try await run(
            "psql", "-h", "127.0.0.1", "-p", "\(port)", "-U", "postgres", "-d", database, "-X", "-q", "-t", "-A", "-v",
            "ON_ERROR_STOP=1", "-c", statements)
    }

    package func start() async throws {
        let command = command(
            "postgres",
            [
                "-D", "\(folder)/data", "-p", "\(port)", "-c", "unix_socket_directories=\(folder)", "-c",
                "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=400",
            ] + settings.flatMap { ["-c", $0] })
        let ready = "database system is ready to accept connections"
        // After a crash, its last processes hold its memory for a moment.
        for attempt in 1...20 {
            let new = try ChildProcess(command)
            try await eventually("postgres has started", within: .seconds(60)) {
                new.hasEnded || new.text.contains(ready)
            }
            if !new.hasEnded {
                process.withLock { $0 = new }
                return
            }
            guard attempt < 20 else { throw TestServerError("postgres ended: \(new.text.suffix(1000))") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// It takes neither new connections nor requests to cancel, without refusing them. Connections that there are have
    /// processes of their own, which go on.
    package func freeze() { process.withLock { $0?.freeze() } }
    package func thaw() { process.withLock { $0?.thaw() } }

    /// As an administrator would: connections are ended, transactions undone.
    package func stop() { end(SIGINT) }

    /// As a crash or kill -9 would.
    package func kill() { end(SIGKILL) }

    private func end(_ signal: Int32) {
        process.withLock {
            $0?.end(signal)
            $0 = nil
        }
    }

    private func giveToPostgres(_ path: String) throws {
        guard getuid() == 0 else { return }
        guard let user = unsafe getpwnam("postgres") else {
            throw TestServerError("there is no user “postgres”: apt-get install postgresql")
        }
        unsafe chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
    }

    @discardableResult
    private func run(_ name: String, _ words: String...) async throws -> String {
        let process = try ChildProcess(command(name, words))
        guard try await process.exit() == 0 else { throw TestServerError("\(name): \(process.text.suffix(1000))") }
        return process.text
    }

    /// PostgreSQL refuses to run as root.
    private func command(_ name: String, _ words: [String]) -> [String] {
        let change = getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        return change + ["\(programs)/\(name)"] + words
    }

    private static func findPrograms() throws -> String {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let folders =
            versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
            + ["/opt/homebrew/opt/postgresql@15/bin", "/usr/local/opt/postgresql@15/bin"]
        for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/initdb") { return folder }
        let initdb = try program("initdb", package: "postgresql")
        return URL(filePath: initdb).deletingLastPathComponent().path()
    }
}
