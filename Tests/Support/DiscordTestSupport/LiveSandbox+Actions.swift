import DiscordSandbox
import Testing

/// What people do on Discord, and see there.
extension LiveSandbox {
    /// A message with buttons, as its channel shows it.
    package struct Sign: Hashable, Sendable {
        package var id: UInt64
        package var text: String
        package var buttons: [String: Bool]
    }

    /// The bot's messages with buttons in the channel, oldest first.
    package func signs(in channel: UInt64 = LiveSandbox.general) -> [Sign] {
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
    package func press(_ customID: String, on message: UInt64, by user: UInt64) async throws -> (
        elapsed: Int, words: String
    ) {
        let outcome = try await script.press([
            "user_id": .id(user), "message_id": .id(message), "custom_id": .string(customID), "wait_ms": 5000,
        ])
        let words = outcome["follow_ups"]?.arrayValue?.first
        #expect(words == nil || words?["visible_to"]?.snowflake == user, "only who pressed may see it")
        return (outcome["elapsed_ms"]?.intValue ?? .max, words?["content"]?.stringValue ?? "")
    }

    /// Presses a button, and returns when the gateway has been told.
    package func touch(_ customID: String, on message: UInt64, by user: UInt64) async throws {
        _ = try await script.press([
            "user_id": .id(user), "message_id": .id(message), "custom_id": .string(customID), "wait_ms": 0,
        ])
    }

    /// Runs a command and waits for its answer.
    package func command(
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

    package func commands() -> [String] {
        sandbox.realm.transaction { $0.world.commands.values.compactMap { $0.json["name"]?.stringValue } }
    }

    package func delete(_ message: UInt64) throws { _ = try script.delete(["message_id": .id(message)]) }

    package func setMember(_ user: UInt64, _ action: String) throws {
        _ = try script.members([
            "guild_id": .id(Self.lantern), "user_id": .id(user), "action": .string(action),
        ])
    }

    package func timeOut(_ user: UInt64, in guild: UInt64 = LiveSandbox.lantern, seconds: Int?) throws {
        _ = try script.timeout([
            "guild_id": .id(guild), "user_id": .id(user), "seconds": seconds.map { .int($0) } ?? .null,
        ])
    }

    /// Changes a member, which the gateway reports: gives or takes the role of keepers.
    package func setRole(of user: UInt64, given: Bool) throws {
        _ = try script.roles([
            "guild_id": .id(Self.lantern), "user_id": .id(user), "role_id": .id(Seed.Lantern.keeperRole),
            "action": given ? "add" : "remove",
        ])
    }
}
