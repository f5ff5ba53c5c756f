import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

struct DrainTests {
    @Test func `a stopping server finishes what it has begun and takes nothing new`() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let entered = Box(false)
        let router = Router { routes in
            routes.get("/") { _ in .text("hello") }
            routes.get("/slow") { _ in
                entered.set(true)
                for await _ in gate {}
                return .text("done")
            }
        }
        let group = EventLoopGroup(count: 1)
        let clients = EventLoopGroup(count: 1)
        let server = HTTPServer(router: router, group: group)
        let port = try await server.start()
        let run = Task { try await server.run() }

        let idle = try await RawClient.connect(port: port, group: clients)
        try await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await idle.response()
        let busy = try await RawClient.connect(port: port, group: clients)
        try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        try await eventually("the handler runs") { entered.value }

        run.cancel()
        try await idle.readToEnd()
        #expect(server.isDraining)
        await #expect(throws: NetworkError.self) { try await RawClient.connect(port: port, group: clients) }
        opener.finish()
        let response = try await busy.response()
        #expect(response.text == "done")
        #expect(response.header("connection") == "close")
        try await run.value
        #expect(server.connectionCount == 0)
        await group.shutdown()
        await clients.shutdown()
    }

    @Test func `a kept connection may send one more request, whose response closes it`() async throws {
        let router = Router { routes in
            routes.get("/") { _ in .text("hello") }
        }
        let configure: (inout HTTPServerConfiguration) -> Void = {
            $0.drainTimeout = .seconds(60)
            $0.lastRequestTimeout = .seconds(60)
        }
        try await LiveServer.run(router, configure: configure) { live in
            let (kept, new) = (try await live.connect(), try await live.connect())
            try await kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await kept.response().header("connection") == nil)
            try await eventually("both are accepted") { live.server.connectionCount == 2 }
            let stopping = Task { await live.server.shutdown() }
            try await eventually("the server stops") { live.server.isDraining }
            for client in [kept, new] {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try await client.response()
                #expect(response.status == 200 && response.header("connection") == "close")
                try await client.readToEnd()
            }
            // Nobody is left to wait for.
            await stopping.value
        }
    }

    @Test func `what doesn't end in time is cut off`() async throws {
        let cancelled = Box(false)
        let entered = Box(false)
        let router = Router { routes in
            routes.get("/stuck") { _ in
                entered.set(true)
                do { try await Task.sleep(for: .seconds(600)) } catch { cancelled.set(true) }
                return .noContent
            }
        }
        try await LiveServer.run(router, configure: { $0.drainTimeout = .milliseconds(100) }) { live in
            live.server.onDrain { try? await Task.sleep(for: .seconds(600)) }
            let client = try await live.connect()
            try await client.send("GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the handler runs") { entered.value }
            await live.server.shutdown()
            try await client.readToEnd()
            try await eventually("the handler is cancelled") { cancelled.value }
        }
    }
}
