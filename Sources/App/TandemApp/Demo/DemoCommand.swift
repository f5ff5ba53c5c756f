import Core
import DiscordSandbox
import EventLoop
import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `tandem demo`: everything on this machine, with a sandbox in place of Discord.
///
/// Like the sandbox, it starts from scratch each time: unless `TANDEM_DATA` names a folder, its data is in a temporary one.
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
        let isFresh = configuration.dataFolder == Configuration().dataFolder
        if isFresh {
            let folder = FileManager.default.temporaryDirectory.appending(path: "tandem-demo-\(Identifier.random())")
            configuration.dataFolder = folder.path
        }
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
        guard isFresh else { return Node(services: [sandbox] + node.services, close: node.close) }
        let games = DemoGames(script: Script(realm: sandbox.realm), log: log)
        let folder = configuration.dataFolder
        return Node(services: [sandbox] + node.services + [games]) {
            await node.close()
            try? FileManager.default.removeItem(atPath: folder)
        }
    }
}

/// The application that the sandbox knows. Nothing of it is secret: it works with the sandbox only.
enum DemoApplication {
    static let id: UInt64 = 1_100_000_000_000_000_001
    static let clientSecret = Secret("sandbox-client-secret")
    /// A token begins with its application's id in base64.
    static let botToken = Secret("MTEwMDAwMDAwMDAwMDAwMDAwMQ.sandbx.demo-token-of-the-sandbox-only")
}
