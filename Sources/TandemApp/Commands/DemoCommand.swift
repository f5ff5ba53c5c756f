import Core
import DiscordSandbox
import EventLoop

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `tandem demo`: everything on this machine, with a sandbox in place of Discord.
struct DemoCommand {
    let configuration: Configuration

    func run() async -> ExitCode {
        let log = Log(minimum: configuration.logging.level, format: configuration.logging.format)
        return await Program.withLoops(configuration) { group in
            await Program.operate(group, configuration, log) { try await assemble(group, log) }
        }
    }

    private func assemble(_ group: EventLoopGroup, _ log: Log) async throws -> Node {
        let address = configuration.sandboxAddress
        var configuration = configuration
        if configuration.dataFolder == Configuration().dataFolder { configuration.dataFolder = ".demo" }
        configuration.discord.api = address + "/api/v10"
        configuration.discord.web = address
        configuration.discord.clientID = "\(DemoApplication.id)"
        configuration.discord.clientSecret = DemoApplication.clientSecret
        configuration.discord.botToken = DemoApplication.botToken
        let sandbox = try await configuration.openSandbox(group: group, log: log)
        let node = try await Node.assemble(configuration, group: group, log: log, sandboxURL: address)
        print(
            """

              Tandem is running.

              Web page      \(configuration.publicURL)
              Discord       \(address)   (the sandbox)
              Side by side  \(configuration.publicURL)/demo

              Stop with Ctrl-C.

            """)
        fflush(nil)
        return Node(services: [sandbox] + node.services, close: node.close)
    }
}

/// The application that the sandbox knows. Nothing of it is secret: it works with the sandbox only.
enum DemoApplication {
    static let id: UInt64 = 1_100_000_000_000_000_001
    static let clientSecret = Secret("sandbox-client-secret")
    /// A token begins with its application's id in base64.
    static let botToken = Secret("MTEwMDAwMDAwMDAwMDAwMDAwMQ.sandbx.demo-token-of-the-sandbox-only")
}
