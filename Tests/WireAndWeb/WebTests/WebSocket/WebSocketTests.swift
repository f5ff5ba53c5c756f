import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

struct WebSocketTests {
    /// Sends back what it receives.
    private static func echo(_ options: WebSocketOptions = WebSocketOptions(), closed: Box<WebSocketClosed?> = Box(nil))
        -> Router
    {
        Router { routes in
            routes.get("/echo") { _ in
                .webSocket(options, subprotocols: ["chat"]) { socket in
                    socket.echo { closed.set($0) }
                }
            }
            routes.get("/moved") { _ in .redirect(to: "/echo") }
            routes.get("/plain") { _ in .text("hello") }
            routes.get("/hangs") { _ in
                try await Task.sleep(for: .seconds(600))
                return .noContent
            }
        }
    }

    private static func connect(
        _ live: LiveServer, _ path: String = "/echo", subprotocols: [String] = [],
        options: WebSocketOptions = WebSocketOptions(), timeout: Duration = .seconds(10), inboundLimit: Int = 256
    ) async throws -> WebSocketChannel {
        try await WebSocketClient.connect(
            url: "ws://127.0.0.1:\(live.port)\(path)", subprotocols: subprotocols, group: live.group, options: options,
            timeout: timeout, inboundLimit: inboundLimit)
    }

    @Test(arguments: [false, true]) func `messages go both ways, compressed or not`(_ deflate: Bool) async throws {
        var options = WebSocketOptions()
        options.deflate = deflate
        options.maximumMessage = 4 << 20
        try await LiveServer.run(Self.echo(options)) { live in
            let channel = try await Self.connect(live, subprotocols: ["other", "chat"], options: options)
            #expect(channel.subprotocol == "chat")
            var messages = channel.messages.makeAsyncIterator()
            for text in ["", "hello", "grüße 👋", String(repeating: "long ", count: 200_000)] {
                try await channel.send(text: text)
                #expect(try await messages.next() == .text(text))
            }
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0) }
            try await channel.send(binary: bytes)
            #expect(try await messages.next() == .binary(bytes))
            await channel.close()
            #expect(try await messages.next() == nil)
            #expect(channel.ending == WebSocketClosed(closeCode: 1000, reason: "", isClean: true))
        }
    }

    @Test func `the other side's close is thrown with its code`() async throws {
        let closed = Box<WebSocketClosed?>(nil)
        try await LiveServer.run(Self.echo(closed: closed)) { live in
            let channel = try await Self.connect(live)
            try await channel.send(text: "goodbye")
            let error = await #expect(throws: WebSocketClosed.self) { for try await _ in channel.messages {} }
            #expect(error == WebSocketClosed(closeCode: 4001, reason: "as you wish", isClean: true))
            await #expect(throws: WebSocketClosed.self) { try await channel.send(text: "late") }
            try await eventually("the server has heard") { closed.value?.closeCode == 4001 }
            try await eventually("nothing is left") { live.server.connectionCount == 0 }
        }
    }

    @Test func `a lost connection is thrown as 1006`() async throws {
        try await LiveServer.run(Self.echo()) { live in
            let channel = try await Self.connect(live)
            try await channel.send(text: "vanish")
            let error = await #expect(throws: WebSocketClosed.self) { for try await _ in channel.messages {} }
            #expect(error?.closeCode == 1006)
            #expect(error?.isClean == false)
        }
    }

    @Test func `a client that goes is noticed`() async throws {
        let closed = Box<WebSocketClosed?>(nil)
        try await LiveServer.run(Self.echo(closed: closed)) { live in
            let channel = try await Self.connect(live)
            channel.abort()
            try await eventually("the server has heard") { closed.value?.closeCode == 1006 }
            try await eventually("nothing is left") { live.server.connectionCount == 0 }
        }
    }

    @Test func `a released channel ends its connection`() async throws {
        let closed = Box<WebSocketClosed?>(nil)
        try await LiveServer.run(Self.echo(closed: closed)) { live in
            _ = try await Self.connect(live)
            try await eventually("the server has heard") { closed.value != nil }
        }
    }

    @Test func `a stopping server closes with 1001`() async throws {
        try await LiveServer.run(Self.echo()) { live in
            let channel = try await Self.connect(live)
            async let stopped: Void = live.server.shutdown()
            let error = await #expect(throws: WebSocketClosed.self) { for try await _ in channel.messages {} }
            #expect(error?.closeCode == 1001)
            await stopped
        }
    }

    @Test func `a reader that falls behind makes the other side wait`() async throws {
        let sent = Box(0)
        let router = Router { routes in
            routes.get("/flood") { _ in
                .webSocket { socket in
                    let fill = { [unowned socket] in
                        while socket.queuedBytes == 0, sent.value < 2000 {
                            socket.send(binary: [UInt8](repeating: 1, count: 32 * 1024))
                            sent.increment()
                        }
                    }
                    socket.observer = Callbacks(writable: fill)
                    fill()
                }
            }
        }
        try await LiveServer.run(router) { live in
            let channel = try await Self.connect(live, "/flood", inboundLimit: 4)
            try await eventually("the server has begun") { sent.value > 0 }
            var received = 0
            for try await message in channel.messages {
                guard case .binary(let bytes) = message, bytes.count == 32 * 1024 else { break }
                received += 1
                if received == 10 { #expect(sent.value < 1900) }
                if received == 2000 { break }
            }
            #expect(received == 2000)
        }
    }

    @Test func `a message that is too long closes with 1009`() async throws {
        var options = WebSocketOptions()
        options.maximumMessage = 1000
        let closed = Box<WebSocketClosed?>(nil)
        try await LiveServer.run(Self.echo(options, closed: closed)) { live in
            let channel = try await Self.connect(live)
            try await channel.send(text: String(repeating: "a", count: 1001))
            let error = await #expect(throws: WebSocketClosed.self) { for try await _ in channel.messages {} }
            #expect(error?.closeCode == 1009)
            #expect(closed.value?.closeCode == 1009)
        }
    }

    @Test func `a client that doesn't answer pings is dropped`() async throws {
        var options = WebSocketOptions()
        options.pingInterval = .milliseconds(50)
        let closed = Box<WebSocketClosed?>(nil)
        try await LiveServer.run(Self.echo(options, closed: closed)) { live in
            let mute = try await live.connect()
            try await mute.send(
                "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
            try await eventually("it is dropped") { closed.value?.closeCode == 1006 }
        }
    }

    @Test func `a close that isn't answered ends in time`() async throws {
        var options = WebSocketOptions()
        options.closeTimeout = .milliseconds(100)
        let closed = Box<WebSocketClosed?>(nil)
        let socket = Box<LoopBound<WebSocket>?>(nil)
        let router = Router { routes in
            routes.get("/") { [options] _ in
                .webSocket(options) {
                    socket.set(LoopBound($0, loop: $0.loop!))
                    $0.echo { closed.set($0) }
                }
            }
        }
        try await LiveServer.run(router) { live in
            let mute = try await live.connect()
            try await mute.send(
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
            try await mute.read(until: "\r\n\r\n")
            try await eventually("it is open") { socket.value != nil }
            try await socket.value?.withValue { $0.close() }
            try await eventually("it is over") { closed.value?.closeCode == 1006 }
        }
    }

    @Test(
        arguments: [
            ("/moved", "redirected", 302), ("/plain", "refused", 200), ("/nowhere", "refused", 404),
        ] as [(String, String, Int?)]) func `a response that isn't a WebSocket is reported with its status`(
            _ path: String, _ code: String, _ status: Int?
        ) async throws
    {
        try await LiveServer.run(Self.echo()) { live in
            let error = await #expect(throws: WebSocketClientError.self) { try await Self.connect(live, path) }
            #expect(error?.code == code)
            #expect(error?.status == status)
        }
    }

    @Test func `a handshake times out, or is cancelled`() async throws {
        try await LiveServer.run(Self.echo()) { live in
            let error = await #expect(throws: WebSocketClientError.self) {
                try await Self.connect(live, "/hangs", timeout: .milliseconds(300))
            }
            #expect(error?.code == "handshake_timeout")
            let task = Task { _ = try await Self.connect(live, "/hangs") }
            try await eventually("it has connected") { live.server.connectionCount > 0 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await eventually("nothing is left") { live.server.connectionCount == 0 }
        }
    }

    @Test(arguments: ["http://a/", "ws:/a", "ws://", "wss://a:0/", "ws://a:x/", "ws://u@a/", "ws://a b/"])
    func `an address that is none is refused`(_ url: String) async throws {
        let group = EventLoopGroup(count: 1)
        let error = await #expect(throws: WebSocketClientError.self) {
            try await WebSocketClient.connect(url: url, group: group)
        }
        #expect(error?.code == "invalid_url")
        await group.shutdown()
    }

    @Test func `a request that isn't for a WebSocket is answered with what it needs`() async throws {
        try await LiveServer.run(Self.echo()) { live in
            let response = try await live.exchange("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(response.status == 426)
            #expect(response.header("upgrade") == "websocket")
            #expect(response.text.contains("websocket_required"))
        }
    }

    @Test func `what comes right behind the handshake is not lost`() async throws {
        try await LiveServer.run(Self.echo()) { live in
            let client = try await live.connect()
            var codec = WebSocketCodec(role: .client)
            try await client.send(
                [UInt8](
                    ("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").utf8)
                    + codec.encode(text: "early"))
            try await client.read(until: "early")
        }
    }
}
