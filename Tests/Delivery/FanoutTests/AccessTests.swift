import Core
import Fanout
import Store
import Testing
import TestSupport
import WebTestSupport
import Wire

struct AccessTests {
    @Test func `a revocation takes effect between the events before and after it`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            let ada = try await rig.follow("ada")
            for round in 1...10 {
                try rig.publish("room/1", "before \(round)")
            }
            rig.policy.deny("ada", "room/1")
            try rig.change("access.revoked", "ada", topic: "room/1")
            for _ in 1...10 { try rig.publish("room/1", "secret") }
            try rig.publish("room/2", "after")
            try await ada.wait("the last event") { $0.messages.last?.data == #"{"text":"after"}"# }
            #expect(ada.messages.count == 11)
            #expect(ada.named("revoked").map(\.data) == [#"{"topic":"room/1"}"#])
            #expect(!ada.messages.contains { $0.data.contains("secret") })
        }
    }

    @Test func `a revocation that a client is ahead of doesn't move its cursor back`() async throws {
        try await HubRig.run(holdsBack: true) { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            for number in 1...5 { try rig.publish("room/1", "\(number)") }
            rig.hub.receive(rig.eventLog.read(after: 0, limit: 100))
            try await eventually("the hub to have them") { rig.hub.position == 5 }
            try rig.change("access.revoked", "ada", topic: "room/2")
            try rig.publish("room/1", "seen elsewhere")
            let ada = try await rig.follow("ada", cursor: rig.cursor(7))
            rig.policy.deny("ada", "room/2")
            rig.hub.receive(rig.eventLog.read(after: 5, limit: 100))
            try await ada.wait("the revocation") { !$0.named("revoked").isEmpty }
            #expect(ada.named("revoked").map(\.id) == [rig.cursor(7)])
            try rig.publish("room/1", "new")
            rig.hub.receive(rig.eventLog.read(after: 7, limit: 100))
            try await ada.wait("the new event") { !$0.messages.isEmpty }
            #expect(ada.messages.map(\.id) == [rig.cursor(8)])
        }
    }

    @Test func `a stream that follows gains a topic without losing an event of any`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1")
            let ada = try await rig.follow("ada")
            try rig.publish("room/2", "too early")
            rig.policy.allow("ada", "room/2")
            try rig.change("access.granted", "ada", topic: "room/2")
            for number in 1...50 { try rig.publish(number % 2 == 0 ? "room/1" : "room/2", "\(number)") }
            try await ada.wait("all events") { $0.messages.count >= 50 }
            #expect(ada.messages.map(\.data) == (1...50).map { #"{"text":"\#($0)"}"# })
            #expect(ada.named("granted").map(\.data) == [#"{"topic":"room/2"}"#])
        }
    }

    @Test func `a claim of access is not believed: the policy decides`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1")
            let ada = try await rig.follow("ada")
            try rig.change("access.granted", "ada", topic: "room/secret")
            try rig.publish("room/secret", "secret")
            try rig.publish("room/1", "fine")
            try await ada.wait("the event") { $0.messages.count >= 1 }
            #expect(ada.messages.map(\.data) == [#"{"text":"fine"}"#])
            #expect(ada.named("granted").isEmpty)
        }
    }

    @Test func `replay shows only what may be seen now`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            for number in 1...10 { try rig.publish(number % 2 == 0 ? "room/1" : "room/2", "\(number)") }
            rig.policy.deny("ada", "room/2")
            let ada = try await rig.follow("ada", cursor: rig.cursor(0))
            try await ada.wait("what it may see") { $0.messages.count >= 5 }
            try rig.publish("room/1", "end")
            try await ada.wait("the end") { $0.messages.last?.data == #"{"text":"end"}"# }
            #expect(ada.messages.count == 6)
        }
    }

    @Test func `a stream for certain topics ends when the last of them is taken away`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            let ada = try await rig.subscribe("ada", "room/1", "room/2")
            rig.policy.deny("ada", "room/1")
            try rig.change("access.revoked", "ada", topic: "room/1")
            try rig.publish("room/2", "still")
            try await ada.wait("the event") { $0.messages.count == 1 }
            rig.policy.deny("ada", "room/2")
            try rig.change("access.revoked", "ada", topic: "room/2")
            try await ada.wait("its end") { $0.isClosed }
            #expect(ada.named("bye").first?.data.contains(#""reason":"revoked""#) == true)
        }
    }

    @Test func `signing out ends the streams of that session only`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1")
            let (phone, laptop) = (
                try await rig.follow("ada", session: "phone"), try await rig.follow("ada", session: "laptop")
            )
            try rig.change("session.ended", "ada", session: "phone")
            try await phone.wait("its end") { $0.isClosed }
            try rig.publish("room/1", "hello")
            try await laptop.wait("the event") { $0.messages.count == 1 }
            #expect(phone.named("bye").first?.data.contains(#""reason":"signed_out""#) == true)
        }
    }

    @Test func `a grant that ends is asked for again, and its loss ends the view`() async throws {
        var configuration = HubConfiguration()
        configuration.heartbeat = .milliseconds(90)
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.setValidity(.milliseconds(300))
            rig.policy.allow("ada", "room/1")
            let ada = try await rig.follow("ada")
            let asked = rig.policy.questions
            try await eventually("the policy to be asked again") { rig.policy.questions > asked + 2 }
            try rig.publish("room/1", "seen")
            try await ada.wait("the event") { $0.messages.count == 1 }
            rig.policy.deny("ada", "room/1")
            try await ada.wait("the loss") { $0.named("revoked").count == 1 }
            try rig.publish("room/1", "secret")
            let beats = ada.named("heartbeat").count
            try await ada.wait("heartbeats after that") { $0.named("heartbeat").count > beats + 2 }
            #expect(ada.messages.count == 1)
        }
    }

    @Test func `a session that the policy finds ended ends the streams of that session only, even without an event`()
        async throws
    {
        var configuration = HubConfiguration()
        configuration.heartbeat = .milliseconds(90)
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.setValidity(.milliseconds(300))
            rig.policy.allow("ada", "room/1")
            let (phone, laptop) = (
                try await rig.follow("ada", session: "phone"), try await rig.follow("ada", session: "laptop")
            )
            rig.policy.end(session: "phone")
            try await phone.wait("its end") { $0.isClosed }
            #expect(phone.named("bye").first?.data.contains(#""reason":"signed_out""#) == true)
            try rig.publish("room/1", "hello")
            try await laptop.wait("the event") { $0.messages.count == 1 }
        }
    }

    @Test func `while the policy can't be asked nothing is shown, and afterwards nothing is missing`() async throws {
        var configuration = HubConfiguration()
        configuration.heartbeat = .milliseconds(90)
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.setValidity(.milliseconds(300))
            rig.policy.allow("ada", "room/1")
            let ada = try await rig.follow("ada")
            rig.policy.setAvailable(false)
            let asked = rig.policy.questions
            try await eventually("the policy to fail") { rig.policy.questions > asked + 1 }
            for number in 1...5 { try rig.publish("room/1", "\(number)") }
            let beats = ada.named("heartbeat").count
            try await ada.wait("heartbeats, for the stream stays open") { $0.named("heartbeat").count > beats + 4 }
            #expect(ada.messages.isEmpty)
            rig.policy.setAvailable(true)
            try await ada.wait("everything") { $0.messages.count >= 5 }
            #expect(ada.messages.map(\.id) == (1...5).map { rig.cursor($0) })
        }
    }

    @Test func `a revocation that happens while a stream is being opened is not overlooked`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            let admission = try await rig.hub.admit(
                Principal(id: "ada"), to: .following(["room/"]), resumingAt: nil)
            #expect(admission.topics == ["room/1", "room/2"])
            for round in 1...40 {
                rig.policy.allow("ada", "room/1")
                async let opening = rig.follow("ada")
                rig.policy.deny("ada", "room/1")
                try rig.change("access.revoked", "ada", topic: "room/1")
                let revoked = rig.hub.position
                let client = try await opening
                try rig.publish("room/1", "secret")
                try rig.publish("room/2", "end \(round)")
                try await client.wait("the end") { $0.messages.last?.data.contains("end") == true }
                #expect(!client.messages.contains { $0.data.contains("secret") }, "after \(revoked)")
                try await client.close()
            }
        }
    }
}
