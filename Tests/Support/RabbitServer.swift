import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A RabbitMQ server of a test's own on free ports of loopback, with a node name, a folder and a port mapper of its own.
package final class RabbitServer: Sendable {
    package let port: Int
    package let encryptedPort: Int
    private let folder: String
    private let environment: [String: String]
    private let mapper: ServerProcess
    private let process = Mutex<ServerProcess?>(nil)

    /// Debian's package runs it as a user of its own; the scripts refuse others, and root has to become that user.
    private static let user = "rabbitmq"
    private static let scripts = "/usr/lib/rabbitmq/bin"

    /// - Parameter encrypted: files for a second port that speaks TLS.
    package init(encrypted: CertificateFiles? = nil) async throws {
        port = try freePort()
        let secondPort = try freePort()
        encryptedPort = secondPort
        folder = FileManager.default.temporaryDirectory.appending(path: "tandem-rabbit-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
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
        ).write(to: URL(fileURLWithPath: "\(folder)/rabbitmq.conf"))
        try Data("[].".utf8).write(to: URL(fileURLWithPath: "\(folder)/plugins"))
        environment = [
            "HOME": folder, "RABBITMQ_NODENAME": "t\(mapperPort)@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": "\(port)", "RABBITMQ_DIST_PORT": "\(try freePort())",
            "ERL_EPMD_PORT": "\(mapperPort)",
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": "\(folder)/mnesia",
            "RABBITMQ_LOG_BASE": "\(folder)/log",
            "RABBITMQ_CONFIG_FILE": "\(folder)/rabbitmq.conf", "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "\(folder)/plugins", "RABBITMQ_PID_FILE": "\(folder)/pid",
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
                try FileManager.default.setAttributes([.ownerAccountName: Self.user], ofItemAtPath: folder + name)
            }
        }
        mapper = try ServerProcess(
            Self.asUser([
                try program("epmd", package: "rabbitmq-server"), "-port", "\(mapperPort)", "-address", "127.0.0.1",
            ]),
            output: "\(folder)/epmd.txt")
        try await start()
    }

    deinit {
        process.withLock { $0?.end() }
        mapper.end()
        try? FileManager.default.removeItem(atPath: folder)
    }

    package var url: String { "amqp://guest:guest@127.0.0.1:\(port)" }

    package func start() async throws {
        let output = "\(folder)/output-\(UUID().uuidString).txt"
        let new = try ServerProcess(
            Self.asUser(["\(Self.scripts)/rabbitmq-server"]), environment: environment, output: output)
        process.withLock { $0 = new }
        try await wait(seconds: 90, for: "the start of rabbitmq-server") {
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
        let client = try ServerProcess(
            Self.asUser(["\(Self.scripts)/rabbitmqctl", "-q"] + words), environment: environment,
            output: "\(folder)/\(UUID().uuidString)")
        try await wait(seconds: 60, for: "rabbitmqctl") { client.hasEnded }
        return client.text
    }

    private static func asUser(_ command: [String]) -> [String] {
        guard geteuid() == 0 else { return command }
        return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] + command
    }
}

/// Whether somebody accepts connections on this port of 127.0.0.1.
package func isListening(on port: Int) -> Bool {
    #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return unsafe withUnsafeBytes(of: &address) { bytes in
        unsafe connect(
            descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self),
            socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
}
