import Core
import Fanout
import Store
import Synchronization
import Testing
import TestSupport
import WebTestSupport
import Wire

/// Everybody comes back at once: after a restart, and after the database has been away.
struct WakingUpTests {
    @Test func `a client far behind is handed its own topics' events, however many others there were`() async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = 4
        configuration.replayBatch = 100
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            rig.policy.allow("bob", "room/2", "room/3")
            for number in 1...2000 { try rig.publish("room/\(number % 200)", "\(number)") }
            try await eventually("the hub to have them") { rig.hub.position == 2000 }
            let before = rig.log.reads
            let (ada, bob) = (
                try await rig.follow("ada", cursor: rig.cursor(0)), try await rig.follow("bob", cursor: rig.cursor(950))
            )
            try await ada.wait("what it missed") { $0.messages.count >= 10 }
            try await bob.wait("what it missed") { $0.messages.count >= 10 }
            #expect(ada.messages.map(\.id) == stride(from: 1, to: 2000, by: 200).map { rig.cursor(Int64($0)) })
            let expected: [Int64] = [1002, 1003, 1202, 1203, 1402, 1403, 1602, 1603, 1802, 1803]
            #expect(bob.messages.map(\.id) == expected.map { rig.cursor($0) })
            // Each piece once, for both.
            #expect(rig.log.reads - before <= 21)
            try rig.publish("room/1", "new")
            try await ada.wait("what is new") { $0.messages.count == 11 }
        }
    }

    @Test func `a client that is too far behind fetches anew instead`() async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = 4
        configuration.replayLimit = 100
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            for number in 1...200 { try rig.publish("room/1", "\(number)") }
            try await eventually("the hub to have them") { rig.hub.position == 200 }
            let before = rig.log.reads
            let far = try await rig.follow("ada", cursor: rig.cursor(99))
            try await far.wait("reset") { $0.named("reset").first?.data == #"{"reason":"too_far_behind"}"# }
            #expect(rig.log.reads == before)
            let near = try await rig.follow("ada", cursor: rig.cursor(100))
            try await near.wait("what it missed") { $0.messages.count >= 100 }
            try rig.publish("room/1", "new")
            try await far.wait("the new event") { $0.messages.count == 1 }
        }
    }

    @Test func `a grant that ends is renewed while replays wait for the log`() async throws {
        var configuration = HubConfiguration()
        configuration.heartbeat = .milliseconds(90)
        configuration.recentEvents = 1
        configuration.concurrentCatchUps = 1
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.setValidity(.milliseconds(300))
            rig.policy.allow("ada", "room/1")
            rig.policy.allow("bob", "room/1")
            for number in 1...3 { try rig.publish("room/1", "\(number)") }
            try await eventually("the hub to have them") { rig.hub.position == 3 }
            let bob = try await rig.follow("bob")
            rig.log.hold(after: 0)
            var late: [StreamClient] = []
            for _ in 0..<5 { late.append(try await rig.follow("ada", cursor: rig.cursor(0))) }
            try await eventually("one waits for the log") { rig.log.isHolding }
            let asked = rig.policy.questions
            try await eventually("renewals") { rig.policy.questions > asked + 3 }
            try rig.publish("room/1", "4")
            try await bob.wait("the event") { $0.messages.count == 1 }
            rig.log.hold(after: nil)
            for client in late { try await client.wait("all events") { $0.messages.count == 4 } }
        }
    }

    @Test func `while the database is away one probe asks for all, and the log is told once`() async throws {
        var configuration = HubConfiguration()
        configuration.heartbeat = .milliseconds(90)
        let lines = Lines()
        let atOnce = configuration.concurrentCatchUps
        try await HubRig.run(configuration: configuration, log: Log { lines.add($0) }) { rig in
            rig.policy.setValidity(.milliseconds(300))
            var clients: [StreamClient] = []
            for number in 0..<40 {
                rig.policy.allow("user-\(number)", "room/1")
                clients.append(try await rig.follow("user-\(number)"))
            }
            rig.log.setAvailable(false)
            rig.policy.setAvailable(false)
            try await eventually("the log being told") { !lines.all.isEmpty }
            let asked = rig.policy.questions
            for number in 1...5 { try rig.publish("room/1", "\(number)") }
            let beats = clients[0].named("heartbeat").count
            try await clients[0].wait("heartbeats, for the stream stays open") {
                $0.named("heartbeat").count > beats + 5
            }
            // Those that were under way when it began, and no more.
            #expect(rig.policy.questions - asked <= atOnce)
            #expect(clients.allSatisfy { !$0.isClosed })
            rig.policy.setAvailable(true)
            rig.log.setAvailable(true)
            for client in clients {
                try await client.wait("everything") { $0.messages.count >= 5 }
                #expect(client.messages.map(\.id) == (1...5).map { rig.cursor($0) })
            }
            #expect(lines.all.filter { $0.contains("streams wait") }.count == 1, "\(lines.all)")
        }
    }

    @Test func `those admitted together rely on it for different times, and none for too long`() {
        let access = Access(topics: [], validity: .seconds(300))
        let spread = (0..<1000).map { _ in access.spreadValidity(heartbeat: .seconds(30)) }
        #expect(spread.allSatisfy { (.seconds(180) ... .seconds(300)).contains($0) })
        #expect(Set(spread.map { Int($0 / .seconds(10)) }).count >= 12)
        let short = Access(topics: [], validity: .seconds(100))
        #expect(short.spreadValidity(heartbeat: .seconds(30)) == .seconds(100))
    }
}

/// What was logged.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock(\.self) }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
