import Bot
import Cache
import Core
import DiscordTestSupport
import Guilds
import Scheduler
import Synchronization
import Testing
import TestSupport

/// A cache whose first count takes until it may go on, as one does whose connection is slow.
private final class SlowCache: Cache {
    private let inner: any Cache = MemoryCache()
    private let hasBegun = Mutex(false)
    private let mayGoOn = Latch()

    /// Whether the first count has been asked for.
    var isHolding: Bool { hasBegun.withLock { $0 } }

    func goOn() { mayGoOn.open() }

    func increment(_ key: String, by amount: Int, window: Duration) async -> Int? {
        let isFirst = hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        if isFirst { await mayGoOn.wait() }
        return await inner.increment(key, by: amount, window: window)
    }

    func value(for key: String) async -> [UInt8]? { await inner.value(for: key) }
    func set(_ value: [UInt8], for key: String, lifetime: Duration) async {
        await inner.set(value, for: key, lifetime: lifetime)
    }
    func removeValue(for key: String) async { await inner.removeValue(for: key) }
    func deposit(_ value: [UInt8], for key: String, lifetime: Duration) async throws(CacheError) {
        try await inner.deposit(value, for: key, lifetime: lifetime)
    }
    func take(_ key: String) async throws(CacheError) -> [UInt8]? { try await inner.take(key) }
}

struct PressOrderTests {
    @Test func `one person's presses on a message take effect in order, and hold up nobody else's`() async throws {
        let tavern = try await LiveTavern()
        let cache = SlowCache()
        try await tavern.withBot(writes: .writes(cache: cache)) { _ in
            let sandbox = tavern.sandbox
            let game = try await tavern.announce("In and out")
            let other = try await tavern.announce("Another one")
            let sign = try await tavern.sign(of: game.id)
            let otherSign = try await tavern.sign(of: other.id)
            async let joining = sandbox.press("join_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
            try await eventually("the first press is being worked on") { cache.isHolding }
            try await sandbox.touch("leave_game_\(game.id)", on: sign.id, by: LiveSandbox.tomas)
            // Those of others, and their own on other messages, are answered meanwhile.
            let theirs = try await sandbox.press("join_game_\(game.id)", on: sign.id, by: LiveSandbox.juno)
            #expect(theirs.words.contains("You're in"))
            let own = try await sandbox.press("join_game_\(other.id)", on: otherSign.id, by: LiveSandbox.tomas)
            #expect(own.words.contains("You're in"))
            cache.goOn()
            #expect(try await joining.words.contains("You're in"))
            try await eventually("who left last is out") {
                try await tavern.games.game(game.id)?.participants.map(\.userID)
                    == [LiveTavern.user(LiveSandbox.juno)]
            }
        }
        await tavern.close()
    }
}
