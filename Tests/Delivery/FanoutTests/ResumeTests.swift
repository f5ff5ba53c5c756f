import Core
import Fanout
import Store
import Testing
import WebTestSupport
import Wire

struct ResumeTests {
    /// With a memory of 1,024 events the replay comes from memory, with one of 4 from the log in several steps.
    @Test(arguments: [1024, 4])
    func `a client that was away gets what it missed, then what is new`(_ memory: Int) async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = memory
        configuration.replayBatch = 16
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            for number in 1...100 { try rig.publish(number % 2 == 0 ? "room/1" : "room/2", "\(number)") }
            let ada = try await rig.follow("ada", cursor: rig.cursor(50))
            try await ada.wait("what it missed") { $0.messages.count >= 25 }
            try rig.publish("room/1", "new")
            try await ada.wait("what is new") { $0.messages.count >= 26 }
            #expect(ada.messages.map(\.id) == (26...50).map { rig.cursor($0 * 2) } + [rig.cursor(101)])
            #expect(ada.named("reset").isEmpty)
        }
    }

    @Test(arguments: [1024, 8])
    func `clients that come back amid a storm of events miss nothing and see nothing twice`(_ memory: Int) async throws
    {
        var configuration = HubConfiguration()
        configuration.recentEvents = memory
        configuration.replayBatch = 32
        configuration.streamsPerPrincipal = 0
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            let total: Int64 = 3000
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for number in 1...total {
                        try rig.publish("room/1", "\(number)")
                        if number % 20 == 0 { await Task.yield() }
                    }
                }
                for _ in 0..<25 {
                    tasks.addTask {
                        let start = Int64.random(in: 0...max(0, rig.hub.position))
                        let client = try await rig.follow("ada", cursor: rig.cursor(start))
                        try await client.wait("the last event", within: .seconds(30)) {
                            $0.messages.last?.id == rig.cursor(total)
                        }
                        #expect(client.messages.map(\.id) == (start + 1...total).map { rig.cursor($0) })
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test(arguments: ["other-5", "nonsense", "-1", "999999999999999999999999-1"])
    func `a cursor that can't be continued is told so, and the stream goes on`(_ cursor: String) async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1")
            try rig.publish("room/1", "old")
            let ada = try await rig.follow("ada", cursor: cursor)
            try await ada.wait("reset") { $0.named("reset").count == 1 }
            try rig.publish("room/1", "new")
            try await ada.wait("the new event") { $0.messages.count == 1 }
            #expect(ada.messages.map(\.data) == [#"{"text":"new"}"#])
        }
    }

    @Test func `history that is gone, and a cursor from the future, are told as well`() async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = 4
        try await HubRig.run(configuration: configuration, capacity: 10) { rig in
            rig.policy.allow("ada", "room/1")
            for number in 1...50 { try rig.publish("room/1", "\(number)") }
            let late = try await rig.follow("ada", cursor: rig.cursor(5))
            try await late.wait("reset") { $0.named("reset").first?.data == #"{"reason":"history_gone"}"# }
            let early = try await rig.follow("ada", cursor: rig.cursor(5000))
            try await early.wait("reset") { $0.named("reset").first?.data == #"{"reason":"unknown_cursor"}"# }
            try rig.publish("room/1", "new")
            try await late.wait("the new event") { $0.messages.count == 1 }
            try await early.wait("the new event") { $0.messages.count == 1 }
        }
    }
}
