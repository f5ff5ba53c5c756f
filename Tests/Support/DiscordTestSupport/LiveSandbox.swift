import Core
import DiscordSandbox
package import EventLoop

/// A sandbox on a port of its own, with the people and places of `Seed`.
///
/// Errors: `init` throws what listening throws; what scripts the sandbox throws what its endpoints refuse.
package final class LiveSandbox: Sendable {
    package static let token = "MjAwMDAwMDAwMDAwMDAwMDAx.sandbox.token-of-the-tests"
    package static let application: UInt64 = 200_000_000_000_000_001
    package static let clientSecret = "client-secret"
    package static let redirect = "http://127.0.0.1:8080/callback"
    package static let lantern = Seed.Lantern.guild
    package static let cedar = Seed.Cedar.guild
    package static let general = Seed.Lantern.general
    package static let games = Seed.Lantern.games
    package static let keepersOnly = Seed.Lantern.keepersOnly
    package static let mira = Seed.Users.mira
    package static let tomas = Seed.Users.tomas
    package static let juno = Seed.Users.juno
    package static let wren = Seed.Users.wren

    package let group: EventLoopGroup
    package let port: Int
    let sandbox: Sandbox
    var script: Script { Script(realm: sandbox.realm) }

    package init(heartbeat: Duration = .milliseconds(41_250)) async throws {
        group = EventLoopGroup(count: 1)
        var configuration = Sandbox.Configuration(
            application: .init(
                id: Self.application, clientSecret: Secret(Self.clientSecret), botToken: Secret(Self.token),
                redirectURIs: [Self.redirect]))
        configuration.heartbeatInterval = heartbeat
        sandbox = Sandbox(configuration: configuration, group: group)
        port = try await sandbox.start()
    }

    package var api: String { "http://127.0.0.1:\(port)/api/v10" }

    package func stop() async {
        await sandbox.shutdown()
        await group.shutdown()
    }
}
