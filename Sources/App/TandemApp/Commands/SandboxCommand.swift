import Core
import DiscordSandbox
import EventLoop
import Web

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `tandem sandbox`: the sandbox by itself, for servers in other processes.
struct SandboxCommand {
    let configuration: Configuration

    func run() async -> ExitCode {
        let log = Log(minimum: configuration.logging.level, format: configuration.logging.format)
        return await Program.withLoops(configuration) { group in
            await Program.operate(group, configuration, log) {
                let sandbox = try await configuration.openSandbox(group: group, log: log)
                let address = configuration.sandboxAddress
                print(
                    """

                      The sandbox is at \(address)

                      Settings of a server that uses it:
                        TANDEM_PUBLIC_URL=\(configuration.publicURL)
                        TANDEM_DISCORD_API=\(address)/api/v10
                        TANDEM_DISCORD_WEB=\(address)
                        TANDEM_DISCORD_CLIENT_ID=\(DemoApplication.id)
                        TANDEM_DISCORD_CLIENT_SECRET=\(DemoApplication.clientSecret.revealed)
                        TANDEM_DISCORD_BOT_TOKEN=\(DemoApplication.botToken.revealed)

                      Stop with Ctrl-C.

                    """)
                fflush(nil)
                return Node(services: [sandbox], close: {})
            }
        }
    }
}

extension Configuration {
    var sandboxAddress: String {
        "http://\(sandboxHost.contains(":") ? "[\(sandboxHost)]" : sandboxHost):\(sandbox.port)"
    }

    /// A sandbox that listens, and sends people who sign in back to the public address.
    func openSandbox(group: EventLoopGroup, log: Log) async throws -> Sandbox {
        var settings = Sandbox.Configuration(
            host: sandboxHost, port: self.sandbox.port, pages: try WebPages.find(http.webFolder).files,
            application: Sandbox.Registration(
                id: DemoApplication.id, clientSecret: DemoApplication.clientSecret,
                botToken: DemoApplication.botToken, redirectURIs: [redirectURL]),
            frameAncestors: loopbackNames)
        settings.crowd = Seed.Crowd(guilds: self.sandbox.guilds, members: self.sandbox.members)
        let sandbox = Sandbox(configuration: settings, group: group, log: log)
        try await sandbox.start()
        return sandbox
    }
}
