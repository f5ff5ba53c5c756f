import DiscordSandbox
import EventLoop
import Testing
import Web
import Wire

/// The gateway over real sockets, where the in-process tests can't reach: compression, paths, close codes, dropped connections.
struct SocketGatewayTests {
    /// A client's end that decodes what it gets.
    private final class Client {
        private var iterator: WebSocketMessages.Iterator
        private let channel: WebSocketChannel
        private let inflater: Inflater?

        init(_ url: String, group: EventLoopGroup) async throws {
            channel = try await WebSocketClient.connect(url: url, group: group)
            iterator = channel.messages.makeAsyncIterator()
            inflater = url.contains("zlib-stream") ? Inflater(format: .zlib) : nil
        }

        func send(_ json: JSON) async throws { try await channel.send(text: json.text) }

        func next() async throws -> JSON? {
            switch try await iterator.next() {
            case .text(let text): return try JSON(parsing: text)
            case .binary(let bytes):
                #expect(bytes.suffix(4) == [0, 0, 0xFF, 0xFF])
                return try JSON(parsing: try #require(inflater).inflate(bytes, limit: 1 << 20))
            default: return nil
            }
        }

        /// Everything up to the event of that name.
        func events(until name: String) async throws -> [JSON] {
            var events: [JSON] = []
            while let json = try await next() {
                events.append(json)
                if json["t"]?.stringValue == name { break }
            }
            return events
        }

        func end() async -> Int? {
            do {
                while try await next() != nil {}
                return nil
            } catch { return (error as? WebSocketClosed)?.closeCode }
        }
    }

    private func identify(_ token: String = RunningSandbox.token) -> JSON {
        ["op": 2, "d": ["token": .string(token), "intents": 3, "properties": [:]]]
    }

    private func with(_ body: (RunningSandbox, EventLoopGroup) async throws -> Void) async throws {
        let group = EventLoopGroup(count: 1)
        do {
            try await RunningSandbox.with { try await body($0, group) }
        } catch {
            await group.shutdown()
            throw error
        }
        await group.shutdown()
    }

    @Test(arguments: [
        "/?v=10&encoding=json", "/gateway?v=10&encoding=json&compress=zlib-stream", "/?compress=zlib-stream",
    ])
    func `hello, identify and ready come by every address`(path: String) async throws {
        try await with { sandbox, group in
            let client = try await Client("ws://127.0.0.1:\(sandbox.port)\(path)", group: group)
            let hello = try #require(try await client.next())
            #expect(hello["op"] == 10 && hello["d"]?["heartbeat_interval"] == 41_250)
            try await client.send(["op": 1, "d": nil])
            #expect(try await client.next()?["op"] == 11)
            try await client.send(identify())
            let events = try await client.events(until: "GUILD_CREATE")
            #expect(events[0]["d"]?["resume_gateway_url"] == .string("ws://127.0.0.1:\(sandbox.port)"))
        }
    }

    @Test func `a dropped connection resumes and receives what it missed`() async throws {
        try await with { sandbox, group in
            let url = "ws://127.0.0.1:\(sandbox.port)/?v=10&encoding=json&compress=zlib-stream"
            let first = try await Client(url, group: group)
            try await first.send(identify())
            let ready = try #require(try await first.events(until: "READY").last)
            _ = try await first.events(until: "GUILD_CREATE")
            let last = try #require(try await first.events(until: "GUILD_CREATE").last?["s"])
            let drop = try await sandbox.send("POST", "/sandbox/faults", ["drop": true])
            #expect(drop.body["affected_sessions"] == 1)
            #expect(await first.end() == 1006)
            _ = try await sandbox.send(
                "POST", "/sandbox/members",
                ["guild_id": .id(Seed.Lantern.guild), "user_id": .id(Seed.Users.pell), "action": "add"])
            let second = try await Client(url, group: group)
            try await second.send([
                "op": 6,
                "d": [
                    "token": .string(RunningSandbox.token), "session_id": ready["d"]?["session_id"] ?? nil, "seq": last,
                ],
            ])
            let events = try await second.events(until: "RESUMED").filter { $0["op"] == 0 }
            #expect(events.map { $0["t"] } == ["GUILD_MEMBER_ADD", "RESUMED"])
        }
    }

    @Test func `the close code names the reason`() async throws {
        try await with { sandbox, group in
            let url = "ws://127.0.0.1:\(sandbox.port)/?v=10&encoding=json"
            let stranger = try await Client(url, group: group)
            try await stranger.send(identify("wrong"))
            #expect(await stranger.end() == 4004)
            let old = try await Client("ws://127.0.0.1:\(sandbox.port)/?v=6", group: group)
            #expect(await old.end() == 4012)
            let talker = try await Client(url, group: group)
            try await talker.send(["op": 1, "d": .string(String(repeating: "x", count: 5000))])
            #expect(await talker.end() == 4002)
        }
    }

    @Test func `operations 7 and 9 come on demand`() async throws {
        try await with { sandbox, group in
            let client = try await Client("ws://127.0.0.1:\(sandbox.port)/?v=10", group: group)
            try await client.send(identify())
            _ = try await client.events(until: "GUILD_CREATE")
            _ = try await client.events(until: "GUILD_CREATE")
            _ = try await sandbox.send("POST", "/sandbox/faults", ["reconnect": true])
            #expect(try await client.next()?["op"] == 7)
            _ = try await sandbox.send("POST", "/sandbox/faults", ["invalid_session": "new"])
            #expect(try await client.next() == ["op": 9, "s": nil, "t": nil, "d": false])
            try await client.send(identify())
            #expect(try await client.next()?["t"] == "READY")
        }
    }
}
