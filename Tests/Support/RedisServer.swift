import Foundation
import Synchronization

/// A Redis server of a test's own on a free port of loopback, without persistence.
package final class RedisServer: Sendable {
    package let port: Int
    private let folder: String
    private let arguments: [String]
    private let process = Mutex<ServerProcess?>(nil)

    /// - Parameters:
    ///   - arguments: more words of the command line.
    ///   - encrypted: certificate, key and authority, as PEM files, for TLS instead of plain connections.
    package init(_ arguments: [String] = [], encrypted: (certificate: String, key: String, authority: String)? = nil)
        async throws
    {
        port = try freePort()
        folder = FileManager.default.temporaryDirectory.appending(path: "tandem-redis-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var words = [
            try program("redis-server", package: "redis-server"), "--save", "", "--appendonly", "no", "--dir", folder,
            "--bind",
            "127.0.0.1", "--daemonize", "no",
        ]
        if let encrypted {
            words += [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", encrypted.certificate, "--tls-key-file",
                encrypted.key,
                "--tls-ca-cert-file", encrypted.authority, "--tls-auth-clients", "no",
            ]
        } else {
            words += ["--port", "\(port)"]
        }
        self.arguments = words + arguments
        try await start()
    }

    deinit {
        process.withLock { $0?.end() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    package var url: String { "redis://127.0.0.1:\(port)/0" }

    package func start() async throws {
        let new = try ServerProcess(arguments, output: "\(folder)/output.txt")
        process.withLock { $0 = new }
        try await wait(for: "the start of redis-server") {
            if new.hasEnded { throw TestServerError("redis-server ended: \(new.text.suffix(1000))") }
            return new.text.contains("Ready to accept connections")
        }
    }

    /// As a crash or kill -9 would.
    package func kill() {
        process.withLock {
            $0?.end(SIGKILL)
            $0 = nil
        }
        try? FileManager.default.removeItem(atPath: "\(folder)/output.txt")
    }

    package func freeze() { process.withLock { $0?.freeze() } }
    package func thaw() { process.withLock { $0?.thaw() } }

    /// Runs `redis-cli` with these words and returns what it printed.
    @discardableResult
    package func command(_ words: String...) throws -> String {
        let output = "\(folder)/\(UUID().uuidString)"
        let client = try ServerProcess(
            [try program("redis-cli", package: "redis-tools"), "-p", "\(port)"] + words, output: output)
        while !client.hasEnded { usleep(2000) }
        return client.text
    }
}
