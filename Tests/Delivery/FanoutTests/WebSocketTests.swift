import Core
import Fanout
import Store
import Testing
import TestSupport
import Web
import WebTestSupport
import Wire

struct WebSocketTests {
    @Test func `a WebSocket gets what an event stream gets, in an envelope`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            rig.policy.allow("bob", "room/1")
            let socket = try await rig.socket("ada")
            let (ada, bob) = (try await rig.follow("ada"), try await rig.socket("bob"))
            for number in 1...1000 { try rig.publish("room/\(number % 3)", "\(number)") }
            try await socket.wait("all that it may see") { $0.messages.count >= 667 }
            try await ada.wait("the same") { $0.messages.count >= 667 }
            try await bob.wait("its part") { $0.messages.count >= 334 }
            #expect(socket.messages.map(\.payload) == ada.messages.map(\.data))
            #expect(socket.messages.map(\.id) == ada.messages.map(\.id))
            #expect(bob.messages.map(\.payload) == stride(from: 1, through: 1000, by: 3).map { #"{"text":"\#($0)"}"# })
            #expect(socket.named("ready").map(\.id) == [rig.cursor(0)] && socket.faults.isEmpty && bob.faults.isEmpty)
            await socket.close()
            await bob.close()
            try await eventually("its place to be free") { rig.metrics.rendered().contains("tandem_streams 1\n") }
        }
    }

    @Test(arguments: [1024, 4])
    func `it resumes with the cursor of either transport`(_ memory: Int) async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = memory
        configuration.replayBatch = 16
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            for number in 1...100 { try rig.publish("room/1", "\(number)") }
            let ada = try await rig.follow("ada", cursor: rig.cursor(40))
            try await ada.wait("what it missed") { $0.messages.count >= 60 }
            let socket = try await rig.socket("ada", cursor: ada.messages[9].id)
            try await socket.wait("the rest") { $0.messages.count >= 50 }
            try rig.publish("room/1", "new")
            try await socket.wait("what is new") { $0.messages.count >= 51 }
            #expect(socket.messages.map(\.id) == (51...101).map { rig.cursor($0) })
            let lost = try await rig.socket("ada", cursor: "other-7")
            try await lost.wait("reset") { $0.named("reset").map(\.payload) == [#"{"reason":"foreign_epoch"}"#] }
        }
    }

    @Test func `it ends with the reason in a message and in the close code`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1")
            rig.policy.allow("bob", "room/1")
            let (ada, bob) = (try await rig.socket("ada", session: "one"), try await rig.socket("bob"))
            try rig.change("session.ended", "ada", session: "one")
            try await ada.wait("its end") { $0.ending != nil }
            #expect(ada.ending?.closeCode == 4001 && ada.ending?.reason == "signed_out")
            #expect(ada.named("bye").count == 1 && bob.ending == nil)
            await rig.hub.drain(over: .seconds(3))
            try await bob.wait("its end") { $0.ending != nil }
            #expect(bob.ending?.closeCode == 1012)
            #expect(bob.named("bye").first?.payload.contains(#""reason":"draining""#) == true)
        }
    }

    @Test func `what a client says is passed over, and too much of it ends the socket`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1")
            let ada = try await rig.socket("ada")
            try await ada.send("hello?")
            try rig.publish("room/1", "one")
            try await ada.wait("the event") { $0.messages.count == 1 }
            try await ada.send(String(repeating: "x", count: 5000))
            try await ada.wait("its end") { $0.ending?.closeCode == 1009 }
            try await eventually("its place to be free") { rig.metrics.rendered().contains("tandem_streams 0\n") }
        }
    }
}
