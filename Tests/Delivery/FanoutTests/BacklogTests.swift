import Core
import Dispatch
import EventLoop
import Fanout
import Testing
import TestSupport
import WebTestSupport
import Wire

/// A loop that doesn't run for a while: what waits for it is bounded, and its streams miss nothing.
struct BacklogTests {
    /// Two clients of a rig, one on each of its loops, whose own sockets live on other loops.
    private static func run(
        _ body:
            @escaping @Sendable (
                _ rig: HubRig, _ free: StreamClient, _ stalled: StreamClient, _ release: @escaping @Sendable () -> Void
            ) async throws -> Void
    ) async throws {
        var configuration = HubConfiguration()
        configuration.backlogBytes = 100_000
        configuration.recentEvents = 8
        try await HubRig.run(configuration: configuration, loops: 2) { rig in
            rig.policy.allow("ada", "room/1")
            rig.policy.allow("ada", "room/2")
            let clients = EventLoopGroup(count: 1)
            // The listener gives the loops connections in turn.
            let free = try await StreamClient.open(clients, port: rig.port, "/follow/ada/s")
            try await free.waitUntilReady()
            let stalled = try await StreamClient.open(clients, port: rig.port, "/follow/ada/s")
            try await stalled.waitUntilReady()
            let gate = DispatchSemaphore(value: 0)
            let release: @Sendable () -> Void = { gate.signal() }
            rig.group.loops[1].execute { gate.wait() }
            do { try await body(rig, free, stalled, release) } catch {
                release()
                await clients.shutdown()
                throw error
            }
            release()
            await clients.shutdown()
        }
    }

    /// At a pace that the loop which runs can follow.
    private static func publish(_ count: Int, _ rig: HubRig, _ free: StreamClient) async throws {
        for number in 0..<count {
            try rig.publish("room/1", "\(number)")
            if number % 100 == 99 { try await free.wait("what has been published") { $0.messages.count == number + 1 } }
        }
    }

    private static func value(_ name: String, _ rig: HubRig) -> Int? {
        rig.metrics.rendered().split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap {
            Int($0.split(separator: " ")[1])
        }
    }

    @Test func `its streams read from the log what was left out, in order and once`() async throws {
        try await Self.run { rig, free, stalled, release in
            try await Self.publish(1000, rig, free)
            #expect(try #require(Self.value("tandem_hub_backlog_bytes", rig)) <= 100_000)
            #expect(stalled.messages.isEmpty)
            release()
            try await stalled.wait("all events") { $0.messages.count == 1000 }
            #expect(stalled.messages.map(\.data) == free.messages.map(\.data))
            #expect(stalled.named("reset").isEmpty)
            try rig.publish("room/1", "after")
            for client in [free, stalled] { try await client.wait("the next event") { $0.messages.count == 1001 } }
            #expect(Self.value("tandem_hub_loops_behind_total", rig) == 1)
            #expect(Self.value("tandem_hub_backlog_bytes", rig) == 0)
        }
    }

    @Test func `a revocation among what was left out takes effect`() async throws {
        try await Self.run { rig, free, stalled, release in
            try await Self.publish(500, rig, free)
            rig.policy.deny("ada", "room/2")
            try rig.change("access.revoked", "ada", topic: "room/2")
            try rig.publish("room/2", "hidden")
            try rig.publish("room/1", "last")
            try await free.wait("the last event") { $0.messages.count == 501 }
            #expect(Self.value("tandem_hub_loops_behind_total", rig) == 1)
            release()
            try await stalled.wait("the last event") { $0.messages.last?.data.contains("last") == true }
            #expect(stalled.messages.map(\.data) == free.messages.map(\.data))
            #expect(stalled.named("revoked").count == 1)
        }
    }
}
