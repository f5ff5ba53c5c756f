import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A RabbitMQ server of a test's own on free ports of loopback, with a node name, a folder and a port mapper of its own.
package final class RabbitServer: Sendable {
    package let port: Int
    package let encryptedPort: Int
    private let folder: TemporaryFolder
    private let environment: [String: String]
    private let mapper: ChildProcess
    private let process = Mutex<ChildProcess?>(nil)

    /// Debian's package runs it as a user of its own; the scripts refuse others, and root has to become that user.
    private static let user = "rabbitmq"
    private static let scripts = "/usr/lib/rabbitmq/bin"

    /// - Parameter encrypted: files for a second port that speaks TLS.
    package init(encrypted: CertificateFiles? = nil) async throws {
        port = try freePort()
        let secondPort = try freePort()
        encryptedPort = secondPort
        folder = try TemporaryFolder()
        let path = folder.path
        let mapperPort = try freePort()
        let encryption = encrypted.map { files in
            """
            listeners.ssl.1 = 127.0.0.1:\(secondPort)
            ssl_options.certfile = \(files.files.certificate)
            ssl_options.keyfile = \(files.files.key)
            ssl_options.verify = verify_none
            """
        }
        try Data(
            """
            listeners.tcp.1 = 127.0.0.1:\(port)
            log.console = true
            log.console.level = warning
            log.file = false
            disk_free_limit.absolute = 50MB
            \(encryption ?? "")

            """.utf8
        ).write(to: URL(fileURLWithPath: "\(path)/rabbitmq.conf"))
        try Data("[].".utf8).write(to: URL(fileURLWithPath: "\(path)/plugins"))
        environment = [
            "HOME": path, "RABBITMQ_NODENAME": "t\(mapperPort)@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": "\(port)", "RABBITMQ_DIST_PORT": "\(try freePort())",
            "ERL_EPMD_PORT": "\(mapperPort)",
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": "\(path)/mnesia",
            "RABBITMQ_LOG_BASE": "\(path)/log",
            "RABBITMQ_CONFIG_FILE": "\(path)/rabbitmq.conf", "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "\(path)/plugins", "RABBITMQ_PID_FILE": "\(path)/pid",
            // The script then becomes the server instead of watching it, so that its process is the one to end.
            "RUNNING_UNDER_SYSTEMD": "true", "NOTIFY_SOCKET": "",
            // Threads that spin while they wait would take the machine from the tests.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
        ]
        guard FileManager.default.isExecutableFile(atPath: "\(Self.scripts)/rabbitmq-server") else {
            throw TestServerError("rabbitmq-server is not installed: apt-get install rabbitmq-server")
        }
        if geteuid() == 0 {
            for name in ["", "/rabbitmq.conf", "/plugins"] {
                try FileManager.default.setAttributes([.ownerAccountName: Self.user], ofItemAtPath: path + name)
            }
        }
        mapper = try ChildProcess(
            Self.asUser([
                try program("epmd", package: "rabbitmq-server"), "-port", "\(mapperPort)", "-address", "127.0.0.1",
            ]))
        try await start()
    }

    deinit {
        process.withLock { $0?.end() }
        mapper.end()
    }

    package var url: String { "amqp://guest:guest@127.0.0.1:\(port)" }

    package func start() async throws {
        let new = try ChildProcess(Self.asUser(["\(Self.scripts)/rabbitmq-server"]), environment: environment)
        process.withLock { $0 = new }
        try await eventually("rabbitmq-server has started", within: .seconds(90)) {
            if new.hasEnded { throw TestServerError("rabbitmq-server ended: \(new.text.suffix(2000))") }
            return isListening(on: port)
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

    /// Runs `rabbitmqctl` with these words and returns what it printed. Takes a second or two.
    @discardableResult
    package func control(_ words: String...) async throws -> String {
        let client = try ChildProcess(
            Self.asUser(["\(Self.scripts)/rabbitmqctl", "-q"] + words), environment: environment)
        _ = try await client.exit()
        return client.text
    }

    private static func asUser(_ command: [String]) -> [String] {
        guard geteuid() == 0 else { return command }
        return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] + command
    }
}
