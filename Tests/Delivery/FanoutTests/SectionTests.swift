import Core
import Fanout
import Store
import Testing
import TestSupport
import WebTestSupport
import Wire

/// Topics of which not everybody sees everything.
struct SectionTests {
    private static func texts(_ client: StreamClient) -> [String] {
        client.messages.map { String($0.data.dropFirst(#"{"text":""#.count).dropLast(2)) }
    }

    @Test(arguments: [true, false])
    func `an event reaches those who see where it happened, and whom it concerns`(inOneTurn: Bool) async throws {
        try await HubRig.run(loops: 1, holdsBack: true) { rig in
            for name in ["all", "one", "two", "host"] { rig.policy.allow(name, "room/1", "room/2") }
            rig.policy.show("one", 7)
            rig.policy.show("two", 7, 8)
            rig.policy.show("host")
            var clients: [String: StreamClient] = [:]
            for name in ["all", "one", "two", "host"] { clients[name] = try await rig.follow(name) }
            let single = try await rig.subscribe("one", "room/1")
            for (kind, text) in [
                ("in.7.host", "seven"), ("in.8.nobody", "eight"), ("in.9.host", "nine"), ("note", "end"),
            ] {
                try rig.publish("room/1", text, kind: kind)
                if !inOneTurn { rig.hub.receive(rig.eventLog.read(after: rig.hub.position, limit: 100)) }
            }
            rig.hub.receive(rig.eventLog.read(after: rig.hub.position, limit: 100))
            clients["alone"] = single
            for (name, texts) in [
                "all": ["seven", "eight", "nine", "end"], "one": ["seven", "end"], "two": ["seven", "eight", "end"],
                "host": ["seven", "nine", "end"], "alone": ["seven", "end"],
            ] {
                let client = try #require(clients[name])
                try await client.wait("the end") { Self.texts($0).last == "end" }
                #expect(Self.texts(client) == texts, "\(name)")
            }
        }
    }

    @Test func `a change of what is seen takes effect between the events before and after it`() async throws {
        try await HubRig.run { rig in
            for name in ["ada", "ben"] { rig.policy.allow(name, "room/1") }
            rig.policy.show("ada", 7)
            rig.policy.show("ben", 8)
            let (ada, ben) = (try await rig.follow("ada"), try await rig.subscribe("ben", "room/1"))
            for number in 1...10 { try rig.publish("room/1", "before \(number)", kind: "in.7.nobody") }
            rig.policy.show("ada", 8)
            rig.policy.show("ben", 7)
            try rig.eventLog.append(AccessChange.changed(topic: "room/1").draft)
            for number in 1...10 { try rig.publish("room/1", "after \(number)", kind: "in.7.nobody") }
            try rig.publish("room/1", "end")
            for client in [ada, ben] { try await client.wait("the end") { Self.texts($0).last == "end" } }
            #expect(Self.texts(ada) == (1...10).map { "before \($0)" } + ["end"])
            #expect(Self.texts(ben) == (1...10).map { "after \($0)" } + ["end"])
            #expect(ada.named("granted").isEmpty && ada.named("revoked").isEmpty)
            // What they see now and weren't told of, they fetch; what they no longer see, they drop.
            for client in [ada, ben] {
                #expect(client.named("reset").map(\.data) == [#"{"reason":"view_changed"}"#])
            }
        }
    }

    @Test(arguments: [4, 1024])
    func `replay from memory and from the log shows only what is seen`(recent: Int) async throws {
        var configuration = HubConfiguration()
        configuration.recentEvents = recent
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            rig.policy.show("ada", 7)
            for number in 1...20 {
                try rig.publish("room/1", "\(number)", kind: number % 2 == 0 ? "in.7.nobody" : "in.8.nobody")
            }
            try rig.publish("room/1", "concerns her", kind: "in.8.ada")
            try await eventually("the hub to have them") { rig.hub.position == 21 }
            let ada = try await rig.follow("ada", cursor: rig.cursor(0))
            try rig.publish("room/1", "end")
            try await ada.wait("the end") { Self.texts($0).last == "end" }
            #expect(Self.texts(ada) == stride(from: 2, through: 20, by: 2).map(String.init) + ["concerns her", "end"])
        }
    }

    @Test(arguments: [4, 1024])
    func `who was away when what is seen changed is told to fetch anew, from memory and from the log`(recent: Int)
        async throws
    {
        var configuration = HubConfiguration()
        configuration.recentEvents = recent
        try await HubRig.run(configuration: configuration) { rig in
            for name in ["ada", "ben"] { rig.policy.allow(name, "room/1") }
            try rig.publish("room/1", "before")
            try rig.eventLog.append(AccessChange.changed(topic: "room/1").draft)
            for number in 1...10 { try rig.publish("room/1", "\(number)") }
            try await eventually("the hub to have them") { rig.hub.position == 12 }
            let (away, back) = (
                try await rig.follow("ada", cursor: rig.cursor(1)), try await rig.follow("ben", cursor: rig.cursor(2))
            )
            try rig.publish("room/1", "end")
            for client in [away, back] { try await client.wait("the end") { Self.texts($0).last == "end" } }
            #expect(away.named("reset").map(\.data) == [#"{"reason":"view_changed"}"#])
            #expect(back.named("reset").isEmpty)
            #expect(Self.texts(away) == (1...10).map(String.init) + ["end"])
        }
    }

    @Test func `a topic that is gained while what is seen of it changes is asked about again`() async throws {
        try await HubRig.run(holdsBack: true) { rig in
            rig.policy.allow("ada", "room/2")
            let ada = try await rig.follow("ada")
            rig.policy.allow("ada", "room/1", "room/2")
            rig.policy.show("ada", 7)
            let answer = rig.policy.holdNextAnswer()
            try rig.change("access.granted", "ada", topic: "room/1")
            rig.hub.receive(rig.eventLog.read(after: 0, limit: 100))
            try await eventually("the policy being asked") { answer.isAsked }
            rig.policy.show("ada", 8)
            try rig.eventLog.append(AccessChange.changed(topic: "room/1").draft)
            rig.hub.receive(rig.eventLog.read(after: 1, limit: 100))
            try await eventually("the hub to have the change") { rig.hub.position == 2 }
            answer.give()
            try rig.publish("room/1", "secret", kind: "in.7.nobody")
            try rig.publish("room/1", "end")
            rig.hub.receive(rig.eventLog.read(after: 2, limit: 100))
            try await ada.wait("the end") { Self.texts($0).last == "end" }
            #expect(Self.texts(ada) == ["end"])
        }
    }

    @Test func `what is asked while it changes is asked again`() async throws {
        try await HubRig.run(holdsBack: true) { rig in
            rig.policy.allow("ada", "room/1")
            rig.policy.show("ada", 7)
            try rig.publish("room/1", "first")
            try rig.eventLog.append(AccessChange.changed(topic: "room/1").draft)
            try rig.publish("room/1", "secret", kind: "in.7.nobody")
            rig.hub.receive(rig.eventLog.read(after: 0, limit: 1))
            try await eventually("the hub to have the first") { rig.hub.position == 1 }
            // Admitted by an answer from before the change, which the hub hears of before or after the stream is attached.
            let ada = try await rig.follow("ada", cursor: rig.cursor(0))
            rig.policy.show("ada", 8)
            rig.hub.receive(rig.eventLog.read(after: 1, limit: 100))
            try rig.publish("room/1", "end")
            rig.hub.receive(rig.eventLog.read(after: 3, limit: 100))
            try await ada.wait("the end") { Self.texts($0).last == "end" }
            #expect(Self.texts(ada) == ["first", "end"])
        }
    }
}
