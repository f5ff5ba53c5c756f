import Core
import DiscordSandbox
import EventLoop

/// A sandbox on a port of its own.
final class LiveSandbox: Sendable {
    static let token = "MjAwMDAwMDAwMDAwMDAwMDAx.sandbox.token-of-the-tests"
    static let application: UInt64 = 200_000_000_000_000_001
    static let lantern = Seed.Lantern.guild
    static let general = Seed.Lantern.general
    static let games = Seed.Lantern.games
    static let keepersOnly = Seed.Lantern.keepersOnly
    static let tomas = Seed.Users.tomas
    static let redirect = "http://127.0.0.1:8080/callback"

    let group: EventLoopGroup
    let port: Int
    private let sandbox: Sandbox

    init(heartbeat: Duration = .milliseconds(41_250)) async throws {
        group = EventLoopGroup(count: 1)
        var configuration = Sandbox.Configuration(
            application: .init(
                id: Self.application, clientSecret: Secret("client-secret"), botToken: Secret(Self.token),
                redirectURIs: [Self.redirect]))
        configuration.heartbeatInterval = heartbeat
        sandbox = Sandbox(configuration: configuration, group: group)
        port = try await sandbox.start()
    }

    var api: String { "http://127.0.0.1:\(port)/api/v10" }

    func stop() async {
        await sandbox.shutdown()
        await group.shutdown()
    }

    /// Asks for faults, by the sandbox's own names.
    func fault(_ body: JSON) throws { _ = try Script(realm: sandbox.realm).setFaults(body) }

    func drop() throws { try fault(["drop": true]) }
    func askToReconnect() throws { try fault(["reconnect": true]) }
    func invalidate(resumable: Bool) throws { try fault(["invalid_session": resumable ? true : "new"]) }
    func close(_ code: Int) throws { try fault(["close": .int(code)]) }
    func ignoreHeartbeats(_ flag: Bool) throws { try fault(["ignore_heartbeats": .bool(flag)]) }
    func disallowIntents(_ bits: Int) throws { try fault(["disallowed_intents": .int(bits)]) }

    func limit(_ count: Int, scope: String, path: String, retryAfter: Double = 0.2) throws {
        try fault([
            "rate_limit": [
                "count": .int(count), "scope": .string(scope), "path": .string(path),
                "retry_after": .number(retryAfter),
            ]
        ])
    }

    func breakDown(_ count: Int, path: String) throws {
        try fault(["server_errors": ["count": .int(count), "path": .string(path)]])
    }

    /// Changes a member, which the gateway reports.
    func setRole(of user: UInt64, given: Bool) throws {
        _ = try Script(realm: sandbox.realm).roles([
            "guild_id": .id(Self.lantern), "user_id": .id(user), "role_id": .id(Seed.Lantern.keeperRole),
            "action": given ? "add" : "remove",
        ])
    }
}
