import Core
import DiscordSandbox

/// Schedules a few games when the demo starts, with the slash command that a user would type.
struct DemoGames: Service {
    let name = "demo games"
    let script: Script
    let log: Log
    var time = TimeSource.system

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
        for plan in Self.plans {
            do {
                // The bot registers its command shortly after it has connected.
                try await time.withTimeout(.seconds(10)) {
                    _ = try await time.retrying(Backoff(base: .milliseconds(100), limit: .milliseconds(200))) {
                        try await script.command([
                            "user_id": .id(plan.user), "channel_id": .id(plan.channel), "name": "game create",
                            "options": plan.options,
                        ])
                    }
                }
            } catch let error as TimedOut {
                log.warning("the demo starts without one of its games", ["error": "\(error)"])
            }
        }
        await Latch().wait()
    }
}
