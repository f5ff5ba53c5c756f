import Cache
import Testing
import TestSupport

/// What every cache promises, checked against a real one: each backend's tests run all of it.
struct CacheConformance {
    /// Two ways to the same cache, as two processes would have; the same object for a cache within one process.
    let one: any Cache
    let other: any Cache

    func run() async throws {
        await valuesAreKept()
        try await valuesExpire()
        try await depositsAreTakenOnce()
        try await countsAddUp()
        try await whatIsTooLongIsRefused()
        await kindsDontMix()
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    func valuesAreKept() async {
        #expect(await one.value(for: "a") == nil)
        await one.set([0, 1, 13, 10, 255], for: "a", lifetime: .seconds(60))
        #expect(await other.value(for: "a") == [0, 1, 13, 10, 255])
        await other.set([], for: "a", lifetime: .seconds(60))
        #expect(await one.value(for: "a") == [])
        await one.removeValue(for: "a")
        await one.removeValue(for: "a")
        #expect(await other.value(for: "a") == nil)
        await one.set(bytes("x"), for: "naïve 🎲 {a} *", lifetime: .seconds(60))
        #expect(await other.value(for: "naïve 🎲 {a} *") == bytes("x"))
    }

    func valuesExpire() async throws {
        await one.set(bytes("short"), for: "short", lifetime: .milliseconds(60))
        await one.set(bytes("long"), for: "long", lifetime: .seconds(60))
        try await eventually("the expiry") { await other.value(for: "short") == nil }
        #expect(await other.value(for: "long") == bytes("long"))
        await one.set(bytes("none"), for: "long", lifetime: .zero)
        #expect(await other.value(for: "long") == nil)
        try await one.deposit(bytes("short"), for: "brief", lifetime: .milliseconds(1))
        try await Task.sleep(for: .milliseconds(20))
        #expect(try await other.take("brief") == nil)
    }

    func depositsAreTakenOnce() async throws {
        for round in 0..<20 {
            try await one.deposit(bytes("ticket"), for: "t\(round)", lifetime: .seconds(60))
            let taken = try await withThrowingTaskGroup(of: [UInt8]?.self) { tasks in
                for index in 0..<20 {
                    let cache = index % 2 == 0 ? one : other
                    tasks.addTask { try await cache.take("t\(round)") }
                }
                return try await tasks.reduce(into: [[UInt8]]()) { taken, value in if let value { taken.append(value) }
                }
            }
            #expect(taken == [bytes("ticket")])
        }
        #expect(try await one.take("never deposited") == nil)
    }

    func countsAddUp() async throws {
        await withTaskGroup { tasks in
            for index in 0..<100 {
                let cache = index % 2 == 0 ? one : other
                tasks.addTask { _ = await cache.increment("n", by: 2, window: .seconds(60)) }
            }
        }
        #expect(await one.increment("n", by: 1, window: .seconds(60)) == 201)
        #expect(await one.increment("m", by: 5, window: .milliseconds(60)) == 5)
        // The window isn't prolonged by those who come within it.
        try await eventually("the next window") {
            (await other.increment("m", by: 1, window: .milliseconds(60)) ?? 0) == 1
        }
    }

    func whatIsTooLongIsRefused() async throws {
        let large = [UInt8](repeating: 1, count: CacheLimits.valueBytes)
        await one.set(large, for: "large", lifetime: .seconds(60))
        #expect(await other.value(for: "large") == large)
        await one.set(large + [1], for: "larger", lifetime: .seconds(60))
        #expect(await other.value(for: "larger") == nil)
        await #expect(throws: CacheError.self) { try await one.deposit(large + [1], for: "l", lifetime: .seconds(60)) }
        let key = String(repeating: "k", count: CacheLimits.keyBytes + 1)
        await one.set([1], for: key, lifetime: .seconds(60))
        #expect(await other.value(for: key) == nil)
        #expect(await one.increment(key, by: 1, window: .seconds(60)) == nil)
    }

    func kindsDontMix() async {
        await one.set(bytes("value"), for: "k", lifetime: .seconds(60))
        #expect(await one.increment("k", by: 1, window: .seconds(60)) == 1)
        #expect((try? await one.take("k")) == .some(nil))
        #expect(await one.value(for: "k") == bytes("value"))
    }
}
