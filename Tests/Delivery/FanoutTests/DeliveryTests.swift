import Core
import EventLoop
import Fanout
import Store
import Synchronization
import Testing
import TestSupport
import WebTestSupport
import Wire

struct DeliveryTests {
    @Test func `an event reaches those who follow its topic, with its cursor, and nobody else`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            rig.policy.allow("bob", "room/2")
            let (ada, bob) = (try await rig.follow("ada"), try await rig.follow("bob"))
            try rig.publish("room/1", "one")
            try rig.publish("room/3", "nobody")
            try rig.publish("room/2", "two")
            try await ada.wait("both events") { $0.messages.count == 2 }
            try await bob.wait("its event") { $0.messages.count == 1 }
            #expect(ada.messages.map(\.data) == [#"{"text":"one"}"#, #"{"text":"two"}"#])
            #expect(ada.messages.map(\.id) == [rig.cursor(1), rig.cursor(3)])
            #expect(bob.messages.map(\.data) == [#"{"text":"two"}"#])
        }
    }

    @Test func `a thousand events in bursts arrive whole, in order and once`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1", "room/2")
            rig.policy.allow("bob", "room/1")
            let (ada, bob) = (try await rig.follow("ada"), try await rig.follow("bob"))
            for number in 1...1000 { try rig.publish(number % 2 == 0 ? "room/1" : "room/2", "\(number)") }
            try await ada.wait("all events") { $0.messages.count >= 1000 }
            try await bob.wait("half of them") { $0.messages.count >= 500 }
            #expect(ada.messages.map(\.data) == (1...1000).map { #"{"text":"\#($0)"}"# })
            #expect(bob.messages.map(\.data) == (1...500).map { #"{"text":"\#($0 * 2)"}"# })
        }
    }

    @Test func `a bus that repeats, reorders and loses is set right from the log`() async throws {
        try await HubRig.run(holdsBack: true) { rig in
            rig.policy.allow("ada", "room/1")
            let ada = try await rig.follow("ada")
            for number in 1...20 { try rig.publish("room/1", "\(number)") }
            let events = rig.eventLog.read(after: 0, limit: 100)
            rig.hub.receive([events[0], events[1], events[0]])
            rig.hub.receive([events[4]])
            rig.hub.receive([events[3], events[2]])
            rig.hub.receive(Array(events[10..<12]))
            try await ada.wait("the gap to be filled") { $0.messages.count >= 12 }
            rig.hub.receive([])
            try await ada.wait("what the bus lost at the end") { $0.messages.count >= 20 }
            #expect(ada.messages.map(\.data) == (1...20).map { #"{"text":"\#($0)"}"# })
        }
    }

    @Test func `a slow reader delays nobody, is closed, and resumes whole`() async throws {
        var configuration = HubConfiguration()
        configuration.queueLimit = 64 * 1024
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            let (slow, quick) = (try await rig.follow("ada", reads: false), try await rig.follow("ada"))
            try await eventually("the slow stream to be attached") {
                rig.metrics.rendered().contains("tandem_streams 2\n")
            }
            let text = String(repeating: "x", count: 8 * 1024)
            var sent = 0
            while rig.metrics.rendered().contains("tandem_hub_slow_closed_total 0\n") {
                try #require(sent < 4000, "the slow stream was never closed")
                // Several at a time, or a busy machine gives the slow one up for lost before it has fallen behind.
                for _ in 0..<4 {
                    sent += 1
                    try rig.publish("room/1", text)
                }
                try await quick.wait("event \(sent)") { $0.messages.count >= sent }
            }
            for _ in 0..<10 {
                sent += 1
                try rig.publish("room/1", text)
            }
            try await slow.startReading()
            try await slow.wait("the end of the slow stream") { $0.isClosed }
            #expect(slow.messages.count < sent)
            let again = try await rig.follow("ada", cursor: slow.cursor)
            try await again.wait("the rest") { slow.messages.count + $0.messages.count >= sent }
            #expect((slow.messages + again.messages).map(\.id) == (1...Int64(sent)).map { rig.cursor($0) })
        }
    }

    @Test func `a client that goes away is forgotten at once`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1")
            var clients: [StreamClient] = []
            for _ in 0..<20 { clients.append(try await rig.follow("ada")) }
            #expect(rig.metrics.rendered().contains("tandem_streams 20\n"))
            for client in clients.dropFirst() { try await client.close() }
            try await eventually("their streams to go") { rig.metrics.rendered().contains("tandem_streams 1\n") }
            try rig.publish("room/1", "still here")
            try await clients[0].wait("the event") { $0.messages.count == 1 }
        }
    }

    @Test func `heartbeats come with the position, so that a quiet stream can resume too`() async throws {
        var configuration = HubConfiguration()
        configuration.heartbeat = .milliseconds(120)
        try await HubRig.run(configuration: configuration) { rig in
            rig.policy.allow("ada", "room/1")
            let ada = try await rig.follow("ada")
            for _ in 0..<5 { try rig.publish("room/other") }
            try await ada.wait("a heartbeat with the new position") { $0.named("heartbeat").last?.id == rig.cursor(5) }
            #expect(ada.messages.isEmpty)
        }
    }

    @Test func `draining tells every stream when to come back, each its own moment`() async throws {
        try await HubRig.run { rig in
            rig.policy.allow("ada", "room/1")
            var clients: [StreamClient] = []
            for _ in 0..<12 { clients.append(try await rig.follow("ada")) }
            await rig.hub.drain(over: .seconds(10))
            for client in clients { try await client.wait("its end") { $0.isClosed } }
            let farewells = clients.compactMap { $0.named("bye").first?.data }
            #expect(farewells.count == 12)
            #expect(Set(farewells).count > 6)
            #expect(farewells.allSatisfy { $0.contains(#""reason":"draining""#) })
        }
    }

    @Test func `one principal has only so many streams, on all loops together`() async throws {
        var configuration = HubConfiguration()
        configuration.streamsPerPrincipal = 3
        try await HubRig.run(configuration: configuration, loops: 2) { rig in
            rig.policy.allow("ada", "room/1")
            rig.policy.allow("bob", "room/1")
            let bob = try await rig.follow("bob")
            var clients: [StreamClient] = []
            for _ in 0..<3 { clients.append(try await rig.follow("ada")) }
            for _ in 0..<4 {
                let refused = try await rig.follow("ada")
                #expect(refused.status == 429 && refused.text.contains(#""code":"too_many_streams""#))
                #expect(refused.header("retry-after") == "10")
            }
            try rig.publish("room/1", "hello")
            for client in clients + [bob] { try await client.wait("the event") { $0.messages.count == 1 } }
            try await clients[1].close()
            try await eventually("there is a place") { try await rig.follow("ada").status == 200 }
        }
    }

    @Test func `streams that are opened at the same moment are no more than one principal may have`() async throws {
        var configuration = HubConfiguration()
        configuration.streamsPerPrincipal = 3
        try await HubRig.run(configuration: configuration, loops: 2) { rig in
            rig.policy.allow("ada", "room/1")
            // All are admitted before the first is opened.
            let clients = try await withThrowingTaskGroup(of: StreamClient.self) { group in
                for _ in 0..<20 { group.addTask { try await rig.follow("ada") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            func kept() -> Int { clients.count { $0.status == 200 && !$0.isClosed && $0.named("bye").isEmpty } }
            try await eventually("those beyond three are ended") { kept() == 3 }
            for client in clients where client.status == 200 {
                let farewells = client.named("bye").map(\.data)
                #expect(farewells.allSatisfy { $0.contains(#""reason":"too_many_streams""#) })
            }
        }
    }

    @Test func `a snapshot stream skips what has been replaced and ends with the newest`() async throws {
        try await HubRig.run { rig in
            let client = try await StreamClient.open(rig.group, port: rig.port, "/snapshots", reads: false)
            try await eventually("the stream to be open") { rig.snapshots.stream != nil }
            let stream = try #require(rig.snapshots.stream)
            let filler = String(repeating: "x", count: 64 * 1024)
            let last: Int64 = 500
            try await stream.withValue { stream in
                for version in 1...last {
                    stream.offer(version: version, frame: SSE.encode(id: "\(version)", data: filler))
                    stream.offer(version: version - 1, frame: SSE.encode(id: "stale", data: "older"))
                }
            }
            try await client.startReading()
            try await client.wait("the newest snapshot") { $0.messages.last?.id == "\(last)" }
            let versions = client.messages.compactMap { Int64($0.id) }
            #expect(versions.count == client.messages.count, "an older one was sent")
            #expect(versions.count < Int(last) && versions == versions.sorted())
        }
    }
}
