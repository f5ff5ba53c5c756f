import Core
import DiscordSandbox

/// Puts a few games on the demo's table, by the slash command that a person would use.
struct DemoGames: Service {
    let name = "demo games"
    let script: Script
    let log: Log

    private struct Plan {
        let user: UInt64
        let channel: UInt64
        let options: JSON
    }

    private static let plans = [
        Plan(
            user: 100_000_000_000_000_001, channel: 400_000_000_000_000_102,
            options: [
                "title": "Dune: Imperium", "when": "in 3 hours", "players": 4, "where": "Hearth",
                "description": "New players are welcome, the rules take ten minutes.", "duration": 150,
            ]),
        Plan(
            user: 100_000_000_000_000_002, channel: 400_000_000_000_000_102,
            options: [
                "title": "Blades in the Dark, session 3", "when": "tomorrow 19:30", "players": 5, "where": "Snug",
                "duration": 180,
            ]),
        Plan(
            user: 100_000_000_000_000_004, channel: 400_000_000_000_000_202,
            options: ["title": "Cedar Hall open table", "when": "in 49 hours", "players": 8, "where": "Long table"]),
    ]

    func run() async throws {
        let clock = ContinuousClock()
        for plan in Self.plans {
            // The bot registers its command shortly after it has connected.
            for attempt in 1... {
                do {
                    _ = try await script.command([
                        "user_id": .id(plan.user), "channel_id": .id(plan.channel), "name": "game create",
                        "options": plan.options,
                    ])
                    break
                } catch {
                    guard attempt < 50 else {
                        log.warning("the demo begins without its games", ["error": "\(error)"])
                        break
                    }
                    try await clock.sleep(for: .milliseconds(100))
                }
            }
        }
        for await _ in AsyncStream<Never>.makeStream().stream {}
    }
}
