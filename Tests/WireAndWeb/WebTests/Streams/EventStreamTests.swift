import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

struct EventStreamTests {
    private final class Probe: Sendable {
        let opened = Box(0)
        let closed = Box(0)
        let stream = Box<LoopBound<EventStream>?>(nil)

        func router(_ also: @escaping @Sendable (EventStream) -> Void = { _ in }) -> Router {
            Router { routes in
                routes.get("/stream") { [self] _ in
                    .eventStream { stream in
                        self.opened.increment()
                        self.stream.set(LoopBound(stream, loop: stream.loop!))
                        stream.observer = Callbacks(closed: { self.closed.increment() })
                        also(stream)
                    }
                }
            }
        }
    }

    private static let request = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a stream ends with its connection, so it has neither length nor chunks`() async throws {
        let probe = Probe()
        try await LiveServer.run(probe.router { $0.send([UInt8]("data: hello\n\n".utf8)) }) { live in
            let client = try await live.connect()
            try await client.send(Self.request)
            try await client.read(until: "data: hello\n\n")
            let head = client.text.lowercased()
            #expect(head.hasPrefix("http/1.1 200 ok\r\n"))
            #expect(head.contains("content-type: text/event-stream\r\n"))
            #expect(head.contains("cache-control: no-store\r\n"))
            #expect(head.contains("x-accel-buffering: no\r\n"))
            #expect(head.contains("connection: close\r\n"))
            #expect(!head.contains("content-length"))
            #expect(!head.contains("transfer-encoding"))
            #expect(client.text.hasSuffix("\r\n\r\ndata: hello\n\n"))
        }
    }

    @Test(arguments: ["abort", "end"]) func `the client's disappearance closes the stream at once, and once`(
        _ way: String
    ) async throws {
        let probe = Probe()
        try await LiveServer.run(probe.router()) { live in
            let client = try await live.connect()
            try await client.send(Self.request)
            try await client.read(until: "\r\n\r\n")
            try await eventually("the stream is open") { probe.opened.value == 1 }
            if way == "abort" { try await client.abort() } else { try await client.endSending() }
            try await eventually("the stream is closed") { probe.closed.value == 1 }
            try await eventually("nothing is left") { live.server.connectionCount == 0 }
        }
        #expect(probe.closed.value == 1)
    }

    @Test func `a client that goes in the middle of a write closes the stream once`() async throws {
        let probe = Probe()
        try await LiveServer.run(probe.router()) { live in
            let client = try await live.connect()
            try await client.send(Self.request)
            try await client.read(until: "\r\n\r\n")
            try await client.pauseReading()
            let stream = try #require(probe.stream.value)
            let frame = [UInt8](repeating: 0x20, count: 1 << 20)
            try await eventually("the queue fills") {
                try await stream.withValue {
                    $0.send(frame)
                    return $0.queuedBytes > 0
                }
            }
            try await client.abort()
            try await eventually("the stream is closed") { probe.closed.value == 1 }
            let (isOpen, queued) = try await stream.withValue { stream in
                stream.send(frame)
                stream.close()
                return (stream.isOpen, stream.queuedBytes)
            }
            #expect(!isOpen)
            #expect(queued == 0)
        }
        #expect(probe.closed.value == 1)
    }

    @Test func `a queue that can hold no more ends the stream instead of leaving a gap`() async throws {
        let probe = Probe()
        try await LiveServer.run(probe.router()) { live in
            let client = try await live.connect()
            try await client.send(Self.request)
            try await client.read(until: "\r\n\r\n")
            try await client.pauseReading()
            let stream = try #require(probe.stream.value)
            let frame = [UInt8](repeating: 0x20, count: 1 << 20)
            try await eventually("the stream is closed") {
                try await stream.withValue { $0.send(frame) }
                return probe.closed.value == 1
            }
        }
        #expect(probe.closed.value == 1)
    }

    @Test func `when the server stops its streams are over`() async throws {
        let probe = Probe()
        let hookSawOpenStream = Box(false)
        try await LiveServer.run(probe.router()) { live in
            live.server.onDrain {
                hookSawOpenStream.set(probe.closed.value == 0)
                try? await probe.stream.value?.withValue { $0.send([UInt8]("event: bye\n\n".utf8)) }
            }
            let client = try await live.connect()
            try await client.send(Self.request)
            try await client.read(until: "\r\n\r\n")
            await live.server.shutdown()
            #expect(probe.closed.value == 1)
            try await client.readToEnd()
            #expect(client.text.hasSuffix("event: bye\n\n"))
        }
        #expect(hookSawOpenStream.value)
        #expect(probe.closed.value == 1)
    }

    @Test func `streams are closed when the loops stop without the server`() async throws {
        let probe = Probe()
        let group = EventLoopGroup(count: 1)
        let clients = EventLoopGroup(count: 1)
        let server = HTTPServer(router: probe.router(), group: group)
        let port = try await server.start()
        let client = try await RawClient.connect(port: port, group: clients)
        try await client.send(Self.request)
        try await client.read(until: "\r\n\r\n")
        await group.shutdown()
        #expect(probe.closed.value == 1)
        try await client.readToEnd()
        await clients.shutdown()
    }

    @Test func `what a client sends on a stream is discarded`() async throws {
        let probe = Probe()
        try await LiveServer.run(probe.router()) { live in
            let client = try await live.connect()
            try await client.send(Self.request + "GET /stream HTTP/1.1\r\n\r\n")
            try await client.read(until: "\r\n\r\n")
            try await client.send([UInt8](repeating: 0, count: 3 << 20))
            let stream = try #require(probe.stream.value)
            try await stream.withValue { $0.send([UInt8]("data: still here\n\n".utf8)) }
            try await client.read(until: "still here")
            #expect(probe.opened.value == 1)
            #expect(probe.closed.value == 0)
        }
    }

    @Test func `closing sends what is queued first`() async throws {
        let probe = Probe()
        try await LiveServer.run(probe.router()) { live in
            let client = try await live.connect()
            try await client.send(Self.request)
            try await client.read(until: "\r\n\r\n")
            try await client.pauseReading()
            let stream = try #require(probe.stream.value)
            try await stream.withValue { stream in
                while stream.queuedBytes == 0 { stream.send([UInt8](repeating: 0x20, count: 1 << 16)) }
                stream.send([UInt8]("data: last\n\n".utf8))
                stream.close()
            }
            #expect(probe.closed.value == 1)
            try await client.resumeReading()
            try await client.read(until: "data: last\n\n")
            try await client.readToEnd()
        }
    }

    @Test func `the observer is called when a stream is writable again`() async throws {
        let probe = Probe()
        let writable = Box(0)
        let router = probe.router { $0.observer = Callbacks(writable: { writable.increment() }) }
        try await LiveServer.run(router) { live in
            let client = try await live.connect()
            try await client.send(Self.request)
            try await client.read(until: "\r\n\r\n")
            try await client.pauseReading()
            let stream = try #require(probe.stream.value)
            try await stream.withValue { stream in
                while stream.queuedBytes == 0 { stream.send([UInt8](repeating: 0x20, count: 1 << 16)) }
            }
            #expect(writable.value == 0)
            try await client.resumeReading()
            try await eventually("the queue has drained") { writable.value == 1 }
        }
    }

    @Test func `a handler whose client goes is cancelled and opens no stream`() async throws {
        let entered = Box(false)
        let cancelled = Box(false)
        let opened = Box(0)
        let router = Router { routes in
            routes.get("/stream") { _ in
                entered.set(true)
                do { try await Task.sleep(for: .seconds(60)) } catch { cancelled.set(true) }
                return .eventStream { _ in opened.increment() }
            }
        }
        try await LiveServer.run(router) { live in
            let client = try await live.connect()
            try await client.send(Self.request)
            try await eventually("the handler runs") { entered.value }
            try await client.abort()
            try await eventually("the handler is cancelled") { cancelled.value }
            try await eventually("nothing is left") { live.server.connectionCount == 0 }
        }
        #expect(opened.value == 0)
    }

    @Test func `an observer set after the end is called at once`() async throws {
        let probe = Probe()
        try await LiveServer.run(probe.router()) { live in
            let client = try await live.connect()
            try await client.send(Self.request)
            try await client.read(until: "\r\n\r\n")
            let stream = try #require(probe.stream.value)
            let late = Box(0)
            try await stream.withValue { stream in
                stream.abort()
                stream.observer = Callbacks(closed: { late.increment() })
            }
            #expect(late.value == 1)
            #expect(probe.closed.value == 1)
        }
    }
}
