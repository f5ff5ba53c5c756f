import Core
import EventLoop
import Testing
import TestSupport

struct ConnectionTests {
    @Test func `a connection sends and receives`() async throws {
        try await withGroup { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { $0.handler = Echo() }
            let client = try await connect(to: listener.port, on: group.loops[0])
            let outcome = try await client.withValue { $0.connection.write(Array("hello".utf8)) }
            #expect(outcome == .written)
            try await client.withValue { _ = $0.connection.write([Array(", ".utf8), [], Array("world".utf8)]) }
            try await eventually("the echo") { try await client.withValue { $0.received.count == 12 } }
            #expect(try await client.withValue { String(decoding: $0.received, as: UTF8.self) } == "hello, world")
            #expect(try await client.withValue { $0.connection.remoteAddress.host } == "127.0.0.1")
            #expect(try await client.withValue { Int($0.connection.remoteAddress.port) } == listener.port)
        }
    }

    @Test func `what is written before closing arrives, then the end`() async throws {
        try await withGroup { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                connection.handler = Echo()
                connection.write([UInt8](repeating: 7, count: 3_000_000))
                connection.close()
            }
            let client = try await connect(to: listener.port, on: group.loops[0])
            try await eventually("the end") { try await client.withValue { $0.closedCount == 1 } }
            #expect(try await client.withValue { $0.receivedCount } == 3_000_000)
            #expect(try await client.withValue { $0.hasEnded && $0.errorCode == nil })
        }
    }

    @Test func `large transfers pass whole under backpressure`() async throws {
        try await withGroup { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { $0.handler = Echo() }
            let client = try await connect(to: listener.port, on: group.loops[0]) {
                $0.maximumQueuedBytes = 64 * 1024 * 1024
            }
            let sent = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            try await client.withValue { probe in
                var frames: [[UInt8]] = []
                var index = 0
                var size = 1
                while index < sent.count {
                    let end = min(sent.count, index + size)
                    frames.append(Array(sent[index..<end]))
                    index = end
                    size = size * 7 % 9973 + 1
                }
                // Some alone, some together, small and large.
                for start in stride(from: 0, to: frames.count, by: 300) {
                    let part = Array(frames[start..<min(frames.count, start + 300)])
                    let outcome =
                        start % 600 == 0 ? probe.connection.write(part) : part.map { probe.connection.write($0) }.last
                    precondition(outcome != .overflow && outcome != .closed)
                }
                precondition(probe.connection.queuedBytes > 0)
                probe.connection.closeWrite()
            }
            try await eventually("the echo's end") { try await client.withValue { $0.closedCount == 1 } }
            #expect(try await client.withValue { $0.received == sent })
            #expect(try await client.withValue { $0.errorCode } == nil)
            #expect(try await client.withValue { $0.drainedCount } == 1)
        }
    }

    @Test func `a write beyond the bound is refused whole`() async throws {
        try await withGroup { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                connection.pauseReading()
                connection.handler = Echo()
            }
            let client = try await connect(to: listener.port, on: group.loops[0]) { $0.maximumQueuedBytes = 1_000_000 }
            try await client.withValue { probe in
                let chunk = [UInt8](repeating: 1, count: 100_000)
                var outcomes: [WriteOutcome] = []
                repeat { outcomes.append(probe.connection.write(chunk)) } while outcomes.last != .overflow
                let queued = probe.connection.queuedBytes
                precondition(queued > 900_000 && queued <= 1_000_000)
                precondition(probe.connection.write([chunk, chunk]) == .overflow)
                precondition(probe.connection.queuedBytes == queued)
                precondition(outcomes.contains(.written) && outcomes.contains(.queued))
                probe.connection.abort()
                precondition(probe.connection.write(chunk) == .closed)
                precondition(probe.connection.queuedBytes == 0)
            }
            try await eventually("closed") { try await client.withValue { $0.closedCount == 1 } }
        }
    }

    @Test func `each side ends its half alone`() async throws {
        try await withGroup { group in
            let servers = try await Collector<LoopBound<Probe>>(on: group.loops[0])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                let probe = Probe(connection)
                probe.closesOnEnd = false
                servers.add(LoopBound(probe, loop: connection.loop))
            }
            let client = try await connect(to: listener.port, on: group.loops[0])
            try await eventually("accepted") { try await servers.all.count == 1 }
            let server = try await servers.all[0]
            try await client.withValue { probe in
                probe.connection.write(Array("question".utf8))
                probe.connection.closeWrite()
                probe.connection.closeWrite()
                precondition(probe.connection.write([1]) == .closed)
            }
            try await eventually("the question's end") { try await server.withValue { $0.hasEnded } }
            #expect(try await server.withValue { String(decoding: $0.received, as: UTF8.self) } == "question")
            #expect(try await server.withValue { $0.connection.isOpen })
            try await server.withValue { probe in
                probe.connection.write(Array("answer".utf8))
                probe.connection.closeWrite()
            }
            try await eventually("both closed") {
                let one = try await client.withValue { $0.closedCount }
                let other = try await server.withValue { $0.closedCount }
                return one == 1 && other == 1
            }
            #expect(try await client.withValue { String(decoding: $0.received, as: UTF8.self) } == "answer")
            #expect(try await client.withValue { $0.errorCode } == nil)
            #expect(try await server.withValue { $0.errorCode } == nil)
        }
    }

    @Test func `a reset in the middle of a write is seen at once`() async throws {
        try await withGroup { group in
            let servers = try await Collector<LoopBound<Probe>>(on: group.loops[0])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                servers.add(LoopBound(Probe(connection), loop: connection.loop))
                connection.write([UInt8](repeating: 1, count: 6_000_000))
            }
            let client = try await connect(to: listener.port, on: group.loops[0])
            try await eventually("something arrives") { try await client.withValue { $0.receivedCount > 0 } }
            try await client.withValue {
                $0.connection.abort()
                $0.connection.abort()
                $0.connection.close()
            }
            let server = try await servers.all[0]
            try await eventually("the server sees it") { try await server.withValue { $0.closedCount == 1 } }
            #expect(try await server.withValue { $0.errorCode } == "connection_reset")
            try await eventually("the client is closed") { try await client.withValue { $0.closedCount == 1 } }
            #expect(try await client.withValue { $0.errorCode } == nil)
        }
    }

    @Test(arguments: [false, true])
    func `a reset of an idle connection is seen at once, even while reading is paused`(paused: Bool) async throws {
        try await withGroup { group in
            let servers = try await Collector<LoopBound<Probe>>(on: group.loops[0])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                servers.add(LoopBound(Probe(connection), loop: connection.loop))
                if paused { connection.pauseReading() }
            }
            let client = try await connect(to: listener.port, on: group.loops[0])
            try await eventually("accepted") { try await servers.all.count == 1 }
            try await client.withValue {
                if paused { $0.connection.write([1, 2, 3]) }
                $0.connection.abort()
            }
            let server = try await servers.all[0]
            try await eventually("the server sees it") { try await server.withValue { $0.closedCount == 1 } }
            #expect(try await server.withValue { $0.errorCode } == "connection_reset")
        }
    }

    @Test func `nothing is delivered while reading is paused, everything afterwards`() async throws {
        try await withGroup { group in
            let servers = try await Collector<LoopBound<Probe>>(on: group.loops[0])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                connection.pauseReading()
                servers.add(LoopBound(Probe(connection), loop: connection.loop))
            }
            let client = try await connect(to: listener.port, on: group.loops[0])
            try await eventually("accepted") { try await servers.all.count == 1 }
            let server = try await servers.all[0]
            try await client.withValue { _ = $0.connection.write([UInt8](repeating: 1, count: 5_000_000)) }
            try await eventually("the sender is stuck") { try await client.withValue { $0.connection.queuedBytes > 0 } }
            #expect(try await server.withValue { $0.receivedCount } == 0)
            for _ in 0..<20 {
                try await server.withValue { $0.connection.resumeReading() }
                try await server.withValue { $0.connection.pauseReading() }
            }
            try await client.withValue { $0.connection.closeWrite() }
            try await server.withValue { $0.connection.resumeReading() }
            try await eventually("all is there") { try await server.withValue { $0.hasEnded } }
            #expect(try await server.withValue { $0.receivedCount } == 5_000_000)
        }
    }

    @Test func `two hundred connections are spread over the loops and all answered`() async throws {
        try await withGroup(4) { group in
            let indices = try await Collector<Int>(on: group.loops[0])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                indices.add(connection.loop.index)
                connection.handler = Echo()
            }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<200 {
                    tasks.addTask {
                        let client = try await connect(to: listener.port, on: group.next())
                        let text = Array("I am number \(number)".utf8)
                        try await client.withValue { _ = $0.connection.write(text) }
                        try await eventually("the echo") { try await client.withValue { $0.received == text } }
                        try await client.withValue { $0.connection.close() }
                        try await eventually("closed") { try await client.withValue { $0.closedCount == 1 } }
                    }
                }
                try await tasks.waitForAll()
            }
            let all = try await indices.all
            #expect((0..<4).allSatisfy { index in all.count { $0 == index } == 50 })
        }
    }

    @Test func `shutting down closes connections and notifies their handlers`() async throws {
        let other = EventLoopGroup(count: 1)
        try await withGroup(1) { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { $0.handler = Echo() }
            let client = try await connect(to: listener.port, on: other.loops[0])
            await other.shutdown()
            #expect(try await client.withValue { $0.closedCount } == 1)
            #expect(try await client.withValue { $0.errorCode } == "cancelled")
        }
    }

    @Test func `a peer that never reads is cut off after the lingering time`() async throws {
        try await withGroup { group in
            let servers = try await Collector<LoopBound<Probe>>(on: group.loops[0])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                servers.add(LoopBound(Probe(connection), loop: connection.loop))
                connection.write([UInt8](repeating: 1, count: 8_000_000))
                connection.close(lingering: .milliseconds(50))
            }
            let client = try await connect(to: listener.port, on: group.loops[0]) { $0.pauseReading() }
            try await eventually("accepted") { try await servers.all.count == 1 }
            let server = try await servers.all[0]
            try await eventually("cut off") { try await server.withValue { $0.closedCount == 1 } }
            _ = client
        }
    }
}
