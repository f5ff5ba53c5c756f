import Core
import DiscordSandbox
import EventLoop

/// A sandbox on a port of its own, in Discord's place.
final class RunningSandbox: Sendable {
    static let token = "MjAwMDAwMDAwMDAwMDAwMDAx.sandbox.token-of-the-tests"

    private let group: EventLoopGroup
    private let sandbox: Sandbox
    private let port: Int

    init() async throws {
        group = EventLoopGroup(count: 1)
        sandbox = Sandbox(
            configuration: .init(
                application: .init(
                    id: 200_000_000_000_000_001, clientSecret: Secret("s"), botToken: Secret(Self.token),
                    redirectURIs: [])), group: group)
        port = try await sandbox.start()
    }

    var api: String { "http://127.0.0.1:\(port)/api/v10" }
    private var script: Script { Script(realm: sandbox.realm) }

    func stop() async {
        await sandbox.shutdown()
        await group.shutdown()
    }

    /// Asks for faults, by the sandbox's own names.
    func fault(_ body: JSON) throws { _ = try script.setFaults(body) }

    func timeOut(_ user: UInt64, of guild: UInt64, seconds: Int) throws {
        _ = try script.timeout(["guild_id": .id(guild), "user_id": .id(user), "seconds": .int(seconds)])
    }
}
