import Core
import DiscordSandbox
import EventLoop
import Testing

/// A sandbox on a port of its own, and what people do in it.
final class LiveSandbox: Sendable {
    static let token = "MjAwMDAwMDAwMDAwMDAwMDAx.sandbox.token-of-the-tests"
    static let lantern = Seed.Lantern.guild
    static let general = Seed.Lantern.general
    static let mira = Seed.Users.mira
    static let tomas = Seed.Users.tomas
    static let juno = Seed.Users.juno
    static let wren = Seed.Users.wren

    let group: EventLoopGroup
    let port: Int
    private let sandbox: Sandbox
    private var script: Script { Script(realm: sandbox.realm) }

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

    func stop() async {
        await sandbox.shutdown()
        await group.shutdown()
    }

    /// A message with buttons, as its channel shows it.
    struct Sign: Hashable, Sendable {
        var id: UInt64
        var text: String
        var buttons: [String: Bool]
    }

    /// The bot's messages with buttons in the channel, oldest first.
    func signs(in channel: UInt64 = LiveSandbox.general) -> [Sign] {
        sandbox.realm.transaction { state in
            (state.world.messages[channel] ?? []).compactMap { message in
                let buttons = message.components.flatMap { $0["components"]?.arrayValue ?? [] }
                guard !buttons.isEmpty else { return nil }
                return Sign(
                    id: message.id, text: message.embeds.map(\.text).joined(),
                    buttons: Dictionary(
                        uniqueKeysWithValues: buttons.map {
                            ($0["custom_id"]?.stringValue ?? "", $0["disabled"]?.boolValue != true)
                        }))
            }
        }
    }

    /// Presses a button and waits for the words that come of it.
    func press(_ customID: String, on message: UInt64, by user: UInt64) async throws -> (elapsed: Int, words: String) {
        let outcome = try await script.press([
            "user_id": .id(user), "message_id": .id(message), "custom_id": .string(customID), "wait_ms": 5000,
        ])
        let words = outcome["follow_ups"]?.arrayValue?.first
        #expect(words == nil || words?["visible_to"]?.snowflake == user, "only who pressed may see it")
        return (outcome["elapsed_ms"]?.intValue ?? .max, words?["content"]?.stringValue ?? "")
    }

    /// Runs a command and waits for its answer.
    func command(
        _ name: String, _ options: [String: String] = [:], numbers: [String: Int] = [:], by user: UInt64,
        in channel: UInt64 = LiveSandbox.general
    ) async throws -> String {
        var object: JSON = [:]
        for (name, value) in options { object[name] = .string(value) }
        for (name, value) in numbers { object[name] = .int(value) }
        let outcome = try await script.command([
            "user_id": .id(user), "channel_id": .id(channel), "name": .string(name), "options": object,
            "wait_ms": 5000,
        ])
        let message = outcome["response"]?["message"] ?? .null
        return (message["content"]?.stringValue ?? "") + (message["embeds"]?.text ?? "")
    }

    func commands() -> [String] {
        sandbox.realm.transaction { $0.world.commands.values.compactMap { $0.json["name"]?.stringValue } }
    }

    func delete(_ message: UInt64) throws { _ = try script.delete(["message_id": .id(message)]) }

    func setMember(_ user: UInt64, _ action: String) throws {
        _ = try script.members([
            "guild_id": .id(Self.lantern), "user_id": .id(user), "action": .string(action),
        ])
    }

    func timeOut(_ user: UInt64, seconds: Int?) throws {
        _ = try script.timeout([
            "guild_id": .id(Self.lantern), "user_id": .id(user), "seconds": seconds.map { .int($0) } ?? .null,
        ])
    }

    func fault(_ body: JSON) throws { _ = try script.setFaults(body) }

    func breakDown(_ count: Int, path: String) throws {
        try fault(["server_errors": ["count": .int(count), "path": .string(path)]])
    }
}
