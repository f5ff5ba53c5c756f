import Core
import Fanout
import Store
import Testing
import TestSupport
import WebTestSupport
import Wire

struct CatchUpTests {
    @Test func `after an outage the log is read once for all who come back`() async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = 4
        configuration.streamsPerPrincipal = 0
        configuration.replayBatch = 64
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            for number in 1...640 { try rig.publish("room/1", "\(number)") }
            try await eventually("the hub to have them") { rig.hub.position == 640 }
            let before = rig.log.reads
            var clients: [StreamClient] = []
            for number in Int64(0)..<40 { clients.append(try await rig.follow("ada", cursor: rig.cursor(number * 10))) }
            for (number, client) in clients.enumerated() {
                try await client.wait("what it missed") { $0.messages.count >= 640 - number * 10 }
                #expect(client.messages.map(\.id) == (number * 10 + 1...640).map { rig.cursor(Int64($0)) })
            }
            // Ten pieces; what is asked for at the end of the log is read each time.
            #expect(rig.log.reads - before <= 12)
        }
    }

    @Test func `those who catch up do not hold up what happens now`() async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = 1
        configuration.concurrentCatchUps = 1
        try await HubRig.run(configuration: configuration, holdsBack: true) { rig in
            rig.policy.allow("ada", "room/1")
            for number in 1...3 { try rig.publish("room/1", "\(number)") }
            rig.hub.receive([])
            try await eventually("the hub to have them") { rig.hub.position == 3 }
            let live = try await rig.follow("ada")
            rig.log.hold(after: 0)
            let late = try await rig.follow("ada", cursor: rig.cursor(0))
            try await eventually("it waits for the log") { rig.log.isHolding }
            try rig.publish("room/1", "4")
            // The bus brings nothing, it only says that there is something: so the log is read for this too.
            rig.hub.receive([])
            try await live.wait("the event") { $0.messages.count == 1 }
            rig.log.hold(after: nil)
            try await late.wait("all events") { $0.messages.count == 4 }
        }
    }

    @Test func `a stream whose request finds no room asks again`() async throws {
        var configuration = HubConfiguration()
        configuration.heartbeat = .milliseconds(600)
        configuration.recentEvents = 1
        configuration.concurrentCatchUps = 1
        configuration.waitingCatchUps = 1
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            for number in 1...3 { try rig.publish("room/1", "\(number)") }
            try await eventually("the hub to have them") { rig.hub.position == 3 }
            rig.log.hold(after: 0)
            var clients: [StreamClient] = []
            for _ in 0..<8 { clients.append(try await rig.follow("ada", cursor: rig.cursor(0))) }
            try await eventually("one waits for the log") { rig.log.isHolding }
            rig.log.hold(after: nil)
            for client in clients {
                try await client.wait("all events") { $0.messages.count >= 3 }
                #expect(client.messages.map(\.id) == (1...3).map { rig.cursor($0) })
            }
        }
    }

    @Test func `what is no longer kept is read again`() async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = 4
        configuration.replayBatch = 16
        configuration.replayMemory = 20_000
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            let text = String(repeating: "x", count: 500)
            for _ in 1...320 { try rig.publish("room/1", text) }
            try await eventually("the hub to have them") { rig.hub.position == 320 }
            for _ in 0..<3 {
                let before = rig.log.reads
                let ada = try await rig.follow("ada", cursor: rig.cursor(0))
                try await ada.wait("all events") { $0.messages.count >= 320 }
                #expect(ada.messages.map(\.id) == (1...320).map { rig.cursor($0) })
                #expect(rig.log.reads - before >= 18)
            }
        }
    }

    /// More than a stream's queue may hold: history waits for its reader rather than drown it.
    @Test(arguments: [1024, 4])
    func `a long history of long events reaches a reader in one go`(_ memory: Int) async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = memory
        configuration.queueLimit = 128 * 1024
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            let text = String(repeating: "x", count: 15_000)
            for _ in 1...200 { try rig.publish("room/1", text) }
            try await eventually("the hub to have them") { rig.hub.position == 200 }
            let slow = try await StreamClient.open(
                rig.group, port: rig.port, "/follow/ada/s", cursor: rig.cursor(0), reads: false)
            let ada = try await rig.follow("ada", cursor: rig.cursor(0))
            try await ada.wait("all events", within: .seconds(60)) { $0.messages.count >= 200 }
            try await slow.startReading()
            try await slow.wait("all events", within: .seconds(60)) { $0.messages.count >= 200 }
            for client in [ada, slow] {
                #expect(client.messages.map(\.id) == (1...200).map { rig.cursor($0) })
                #expect(client.named("bye").isEmpty && !client.isClosed)
            }
        }
    }

    @Test func `a log that is ahead of the hub shows nothing behind a revocation`() async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = 4
        try await HubRig.run(configuration: configuration, holdsBack: true) { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            for number in 1...20 { try rig.publish("room/1", "\(number)") }
            rig.hub.receive(rig.eventLog.read(after: 0, limit: 100))
            // Committed, and not at the hub yet.
            try rig.change("access.revoked", "ada", topic: "room/1")
            try rig.publish("room/1", "secret")
            try rig.publish("room/2", "end")
            // The policy was asked a moment before.
            rig.log.beforeNextRead { rig.policy.deny("ada", "room/1") }
            let ada = try await rig.follow("ada", cursor: rig.cursor(2))
            try await ada.wait("what came before") { $0.messages.count >= 18 }
            rig.hub.receive([])
            try await ada.wait("the revocation") { !$0.named("revoked").isEmpty }
            try await ada.wait("the end") { $0.messages.last?.data == #"{"text":"end"}"# }
            #expect(ada.messages.map(\.id) == ((3...20) + [23]).map { rig.cursor($0) })
            #expect(ada.named("revoked").map(\.data) == [#"{"topic":"room/1"}"#])
        }
    }
}
