import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

/// Against Python's `websockets`, as server and as client.
struct WebSocketPeerTests {
    private static let client = """
        import asyncio, sys, websockets
        async def main(url, compression):
            async with websockets.connect(url, compression=compression, subprotocols=["chat"], max_size=None) as ws:
                assert ws.subprotocol == "chat", ws.subprotocol
                for message in ["", "hello", "grüße 👋", "long " * 100000, b"", bytes(range(256)) * 999]:
                    await ws.send(message)
                    assert await ws.recv() == message
                await ws.send(["frag", "mented", " text"])
                assert await ws.recv() == "fragmented text"
                await (await ws.ping(b"are you there"))
                await ws.send("goodbye")
                try:
                    await ws.recv()
                except websockets.ConnectionClosed as closed:
                    assert closed.rcvd.code == 4001 and closed.rcvd.reason == "as you wish", closed
            async with websockets.connect(url, compression=compression) as ws:
                await ws.close(4002, "mine")
            print("all went well", flush=True)
        asyncio.run(main(sys.argv[1], None if sys.argv[2] == "none" else sys.argv[2]))
        """

    private static let server = """
        import asyncio, sys, websockets
        async def handle(ws):
            async for message in ws:
                if message == "goodbye":
                    return await ws.close(4003, "farewell")
                if message == "fragments":
                    await ws.send(["in ", "three ", "parts"])
                elif message == "ping":
                    await (await ws.ping(b"x"))
                    await ws.send("ponged")
                else:
                    await ws.send(message)
        async def main(compression):
            async with websockets.serve(handle, "127.0.0.1", 0, compression=compression, max_size=None) as server:
                print("port", server.sockets[0].getsockname()[1], "ready", flush=True)
                await asyncio.Future()
        asyncio.run(main(None if sys.argv[1] == "none" else sys.argv[1]))
        """

    @Test(arguments: ["none", "deflate"]) func `our server talks to their client`(_ compression: String) async throws {
        let python = try await python(with: "websockets")
        var options = WebSocketOptions()
        options.deflate = true
        let closes = Box<[Int]>([])
        let router = Router { routes in
            routes.get("/echo") { [options] _ in
                .webSocket(options, subprotocols: ["chat"]) { socket in
                    socket.echo { closed in closes.change { $0.append(closed.closeCode) } }
                }
            }
        }
        try await LiveServer.run(router) { live in
            let peer = try ChildProcess(
                python + ["-c", Self.client, "ws://127.0.0.1:\(live.port)/echo", compression])
            let status = try await peer.exit()
            #expect(status == 0, "\(peer.text)")
            try await eventually("both sockets are over") { closes.value == [4001, 4002] }
        }
    }

    @Test(arguments: ["none", "deflate"]) func `our client talks to their server`(_ compression: String) async throws {
        let python = try await python(with: "websockets")
        let peer = try ChildProcess(python + ["-c", Self.server, compression])
        try await peer.wrote("ready")
        let port = try #require(peer.text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        let group = EventLoopGroup(count: 1)
        var options = WebSocketOptions()
        options.deflate = true
        let channel = try await WebSocketClient.connect(
            url: "ws://127.0.0.1:\(port)/", group: group, options: options)
        var messages = channel.messages.makeAsyncIterator()
        for text in ["", "hello", "grüße 👋", String(repeating: "long ", count: 100_000)] {
            try await channel.send(text: text)
            #expect(try await messages.next() == .text(text))
        }
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        try await channel.send(binary: bytes)
        #expect(try await messages.next() == .binary(bytes))
        try await channel.send(text: "fragments")
        #expect(try await messages.next() == .text("in three parts"))
        try await channel.send(text: "ping")
        #expect(try await messages.next() == .text("ponged"))
        try await channel.send(text: "goodbye")
        let error = await #expect(throws: WebSocketClosed.self) { try await messages.next() }
        #expect(error == WebSocketClosed(closeCode: 4003, reason: "farewell", isClean: true))
        await group.shutdown()
    }
}
