import Foundation
import Synchronization
import Testing

/// A Redis server of a test's own on a free port of loopback, without persistence.
package final class RedisServer: Sendable {
    package let port: Int
    private let folder: TemporaryFolder
    private let arguments: [String]
    private let process = Mutex<ChildProcess?>(nil)

    /// - Parameters:
    ///   - arguments: more words of the command line.
    ///   - encrypted: certificate, key and authority, as PEM files, for TLS instead of plain connections.
    package init(_ arguments: [String] = [], encrypted: (certificate: String, key: String, authority: String)? = nil)
        async throws
    {
        port = try freePort()
        folder = try TemporaryFolder()
        var words = [
            try program("redis-server", package: "redis-server"), "--save", "", "--appendonly", "no", "--dir",
            folder.path,
            "--bind", "127.0.0.1", "--daemonize", "no",
        ]
        if let encrypted {
            words += [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", encrypted.certificate, "--tls-key-file",
                encrypted.key, "--tls-ca-cert-file", encrypted.authority, "--tls-auth-clients", "no",
            ]
        } else {
            words += ["--port", "\(port)"]
        }
        self.arguments = words + arguments
        try await start()
    }

    deinit {
        process.withLock { $0?.end() }
    }

    package var url: String { "redis://127.0.0.1:\(port)/0" }

    package func start() async throws {
        let new = try ChildProcess(arguments)
        process.withLock { $0 = new }
        try await eventually("redis-server has started") {
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
    }

    package func freeze() { process.withLock { $0?.freeze() } }
    package func thaw() { process.withLock { $0?.thaw() } }

    /// Runs `redis-cli` with these words and returns what it printed.
    @discardableResult
    package func command(_ words: String...) throws -> String {
        let client = try ChildProcess([try program("redis-cli", package: "redis-tools"), "-p", "\(port)"] + words)
        _ = client.blockingExit()
        return client.text
    }
}
