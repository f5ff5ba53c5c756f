import Bot
import Core
import Discord
import DiscordTestSupport
import Guilds
import Scheduler
import Synchronization
import Testing
import TestSupport

struct BotTests {
    private func inTavern(_ body: (LiveTavern) async throws -> Void) async throws {
        let tavern = try await LiveTavern()
        do {
            try await body(tavern)
        } catch {
            await tavern.close()
            throw error
        }
        await tavern.close()
    }

    @Test func `a game made on the web gets its message, with buttons that join and leave`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                let game = try await tavern.announce("Night of *stars* @everyone", seats: 1, place: "Hearth")
                let sign = try await tavern.sign(of: game.id)
                #expect(sign.text.contains("<t:\(game.scheduledAt / 1000):F>"))
                #expect(sign.text.contains("<t:\(game.scheduledAt / 1000):R>"))
                #expect(sign.text.contains("Hearth") && sign.text.contains("Mira"))
                #expect(!sign.text.contains("@everyone") && !sign.text.contains(" *stars*"))
                #expect(sign.buttons == ["join_game_\(game.id)": true, "leave_game_\(game.id)": true])
                try await eventually("the game knows its message") {
                    try await tavern.games.game(game.id)?.messageID?.description == String(sign.id)
                }

                let first = try await tavern.sandbox.press("join_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
                #expect(first.elapsed < 3000)
                #expect(first.words.contains("You're in"))
                _ = try await tavern.sign(of: game.id, showing: "Tomas")
                let second = try await tavern.sandbox.press("join_game_\(game.id)", on: sign.id, by: LiveSandbox.juno)
                #expect(second.words.contains("number 1 on the waiting list"))
                _ = try await tavern.sign(of: game.id, showing: "Waiting (1)")
                let leaving = try await tavern.sandbox.press(
                    "leave_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
                #expect(leaving.words.contains("no longer signed up"))
                let after = try await tavern.games.game(game.id)
                #expect(after?.confirmed.map(\.userID) == [LiveTavern.user(LiveSandbox.juno)])
                #expect(tavern.sandbox.signs().count == 1)
            }
        }
    }

    @Test func `a change on the web reaches the message well within two seconds`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                let game = try await tavern.announce("Quick")
                _ = try await tavern.sign(of: game.id)
                let start = ContinuousClock.now
                _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.juno))
                _ = try await tavern.sign(of: game.id, showing: "Juno")
                #expect(ContinuousClock.now - start < .seconds(2))
            }
        }
    }

    @Test func `many changes at once end in the last state, with few edits`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                let game = try await tavern.announce("Busy")
                _ = try await tavern.sign(of: game.id)
                for _ in 0..<15 {
                    _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.tomas))
                    try await tavern.games.leave(game.id, by: LiveTavern.user(LiveSandbox.tomas))
                }
                _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.juno))
                let sign = try await tavern.sign(of: game.id, showing: "Juno")
                #expect(!sign.text.contains("Tomas"))
            }
        }
    }

    @Test func `a cancelled game's buttons are disabled`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                let game = try await tavern.announce("Not tonight")
                _ = try await tavern.sign(of: game.id)
                try await tavern.games.cancel(game.id, by: LiveTavern.user(LiveSandbox.mira))
                let sign = try await tavern.sign(of: game.id, showing: "Cancelled")
                #expect(sign.buttons.values.allSatisfy { !$0 })
            }
        }
    }

    @Test func `a deleted message is posted again, once`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                let game = try await tavern.announce("Stubborn")
                let first = try await tavern.sign(of: game.id)
                try await eventually("recorded") { try await tavern.games.game(game.id)?.messageID != nil }
                try tavern.sandbox.delete(first.id)
                let second = try await tavern.sign(of: game.id)
                #expect(second.id != first.id)
                try await eventually("the game knows its new message") {
                    try await tavern.games.game(game.id)?.messageID?.description == String(second.id)
                }
                _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.juno))
                #expect(try await tavern.sign(of: game.id, showing: "Juno").id == second.id)
                #expect(tavern.sandbox.signs().count == 1)
            }
        }
    }

    @Test func `what changed while the bot was stopped is shown after its start`() async throws {
        try await inTavern { tavern in
            var games: [GameID] = []
            try await tavern.withBot { _ in
                let game = try await tavern.announce("Before")
                _ = try await tavern.sign(of: game.id)
                try await eventually("recorded") { try await tavern.games.game(game.id)?.messageID != nil }
                games.append(game.id)
            }
            _ = try await tavern.games.join(games[0], by: LiveTavern.user(LiveSandbox.juno))
            games.append(try await tavern.announce("Meanwhile").id)
            #expect(tavern.sandbox.signs().count == 1)
            try await tavern.withBot { _ in
                _ = try await tavern.sign(of: games[0], showing: "Juno")
                _ = try await tavern.sign(of: games[1], showing: "Meanwhile")
                #expect(tavern.sandbox.signs().count == 2)
            }
        }
    }

    @Test func `when Discord fails in between, there is one message, and it ends up right`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                try tavern.sandbox.breakDown(2, path: "/channels")
                let game = try await tavern.announce("Rough sea")
                _ = try await tavern.games.join(game.id, by: LiveTavern.user(LiveSandbox.juno))
                _ = try await tavern.sign(of: game.id, showing: "Juno")
                #expect(tavern.sandbox.signs().count == 1)
            }
        }
    }

    @Test func `the command announces a game, refuses a strange time with examples, and lists`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                let sandbox = tavern.sandbox
                let answer = try await sandbox.command(
                    "game create", ["title": "Dice", "when": "in 2 hours", "where": "https://example.org/a_b"],
                    numbers: ["players": 3], by: LiveSandbox.tomas)
                #expect(answer.contains("Dice") && answer.contains("is announced"))
                try await eventually("its message") { sandbox.signs().contains { $0.text.contains("(0/3)") } }
                #expect(sandbox.signs().contains { $0.text.contains("https://example.org/a_b") })
                let strange = try await sandbox.command(
                    "game create", ["title": "Dice", "when": "soonish"], by: LiveSandbox.tomas)
                #expect(strange.contains("2027-03-01 18:30"))
                let past = try await sandbox.command(
                    "game create", ["title": "Dice", "when": "2020-01-01 10:00"], by: LiveSandbox.tomas)
                #expect(past.contains("in the future"))
                #expect(try await sandbox.command("game list", by: LiveSandbox.juno).contains("Dice"))
            }
        }
    }

    @Test func `what Discord shows as failed is not done, so that trying again announces one game`() async throws {
        let lines = Mutex<[String]>([])
        let tavern = try await LiveTavern(log: Log(minimum: .warning) { line in lines.withLock { $0.append(line) } })
        try await tavern.withBot { _ in
            let options = ["title": "Once", "when": "in 2 hours"]
            try tavern.sandbox.breakDown(1, path: "/interactions")
            #expect(try await tavern.sandbox.command("game create", options, by: LiveSandbox.tomas) == "")
            try await eventually("given up") {
                lines.withLock { $0.contains { $0.contains("an interaction could not be answered") } }
            }
            #expect(try await tavern.sandbox.command("game create", options, by: LiveSandbox.tomas).contains("Once"))
            #expect(try await tavern.games.openGames(of: LiveTavern.guild).games.count == 1)
        }
        await tavern.close()
    }

    @Test func `a user who makes too many changes is asked to wait, changes on the web included`() async throws {
        try await inTavern { tavern in
            // So slow that the test's own duration doesn't count.
            let writes = Allowance.writes(burst: 3, perSecond: 0.001)
            try await tavern.withBot(writes: writes) { _ in
                let game = try await tavern.announce("Once too often")
                let sign = try await tavern.sign(of: game.id)
                func press(_ what: String, by user: UInt64) async throws -> String {
                    try await tavern.sandbox.press("\(what)_game_\(game.id)", on: sign.id, by: user).words
                }
                #expect(await writes.take(LiveTavern.user(LiveSandbox.tomas)) == nil, "on the web")
                #expect(try await press("join", by: LiveSandbox.tomas).contains("You're in"))
                #expect(try await press("leave", by: LiveSandbox.tomas).contains("no longer signed up"))
                #expect(try await press("join", by: LiveSandbox.tomas).contains("try again in"))
                let command = try await tavern.sandbox.command(
                    "game create", ["title": "Dice", "when": "in 2 hours"], by: LiveSandbox.tomas)
                #expect(command.contains("try again in"))
                #expect(try await tavern.games.game(game.id)?.participants == [])
                #expect(try await tavern.games.openGames(of: LiveTavern.guild).games.count == 1)
                // Others are not concerned, nor is reading.
                #expect(try await press("join", by: LiveSandbox.juno).contains("You're in"))
                let list = try await tavern.sandbox.command("game list", by: LiveSandbox.tomas)
                #expect(list.contains("Once too often"))
            }
        }
    }

    @Test func `a user who is timed out can't join, but can leave`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                let game = try await tavern.announce("Quiet please")
                let sign = try await tavern.sign(of: game.id)
                _ = try await tavern.sandbox.press("join_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
                _ = try await tavern.sign(of: game.id, showing: "Tomas")
                try tavern.sandbox.timeOut(LiveSandbox.tomas, seconds: 3600)
                let leaving = try await tavern.sandbox.press(
                    "leave_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
                #expect(leaving.words.contains("no longer signed up"))
                let joining = try await tavern.sandbox.press(
                    "join_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
                #expect(joining.words.contains("timed out in this server until <t:"))
                #expect(try await tavern.games.game(game.id)?.participants == [])
                // The gateway tells the end as well.
                try tavern.sandbox.timeOut(LiveSandbox.tomas, seconds: nil)
                let after = try await tavern.sandbox.press(
                    "join_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
                #expect(after.words.contains("You're in"))
            }
        }
    }

    @Test func `a new member may join at once, and a removed one no more`() async throws {
        try await inTavern { tavern in
            try await tavern.withBot { _ in
                let game = try await tavern.announce("Open door")
                let sign = try await tavern.sign(of: game.id)
                let wren = LiveTavern.user(LiveSandbox.wren)
                await #expect(throws: SchedulerError.gameNotFound) {
                    _ = try await tavern.games.join(game.id, by: wren)
                }
                try tavern.sandbox.setMember(LiveSandbox.wren, "add")
                let words = try await tavern.sandbox.press("join_game_\(game.id)", on: sign.id, by: LiveSandbox.wren)
                    .words
                #expect(words.contains("You're in"))
                try tavern.sandbox.setMember(LiveSandbox.wren, "remove")
                try await eventually("gone") { try await !tavern.isMember(wren) }
                await #expect(throws: SchedulerError.gameNotFound) { try await tavern.games.leave(game.id, by: wren) }
            }
        }
    }
}
