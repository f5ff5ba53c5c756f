import Core
import Crypto
import EventLoop
import Foundation
import Redis
import Synchronization
import Testing
import TestSupport

struct RedisTests {
    private func connection(
        _ server: RedisServer, group: EventLoopGroup, change: (inout RedisConfiguration) -> Void = { _ in }
    ) async throws -> RedisConnection {
        var configuration = try RedisConfiguration(url: server.url)
        change(&configuration)
        return try await RedisConnection(configuration, loop: group.next(), log: .none)
    }

    @Test func `answers of every kind arrive as they were, and errors throw`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await connection(server, group: group)
        #expect(try await redis.send("SET", "a", .bytes([0, 13, 10, 255])) == .status("OK"))
        #expect(try await redis.send("GET", "a") == .bytes([0, 13, 10, 255]))
        #expect(try await redis.send("GET", "b") == .null)
        #expect(try await redis.send("INCRBY", "n", .integer(41)) == .integer(41))
        #expect(try await redis.send("MGET", "a", "b") == .array([.bytes([0, 13, 10, 255]), .null]))
        await #expect(throws: RedisError.self) { try await redis.send("INCR", "a") }
        do { try await redis.send("NONSENSE") } catch { #expect(error.kind == .refused) }
        let large = [UInt8](repeating: 7, count: 3_000_000)
        try await redis.send("SET", "large", .bytes(large))
        #expect(try await redis.send("GET", "large") == .bytes(large))
        await redis.close()
        await group.shutdown()
    }

    @Test func `a pipeline is answered in order, with nothing between its commands`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await connection(server, group: group)
        try await withThrowingTaskGroup { tasks in
            for _ in 0..<20 {
                tasks.addTask {
                    let commands = [RedisCommand](repeating: RedisCommand("INCR", "n"), count: 100)
                    let numbers = try await redis.send(pipeline: commands + [RedisCommand("LPOP", "n")])
                    guard case .integer(let first) = numbers[0] else { throw TestServerError("\(numbers[0])") }
                    #expect(Array(numbers.dropLast()) == (0..<100).map { .integer(first + $0) })
                    guard case .error = numbers[100] else { throw TestServerError("\(numbers[100])") }
                }
            }
            try await tasks.waitForAll()
        }
        #expect(try await redis.send("GET", "n").text == "2000")
        await redis.close()
        await group.shutdown()
    }

    @Test func `addresses say where, who and which database`() throws {
        let full = try RedisConfiguration(url: "redis://ann:p%40ss@example.org:7000/3")
        #expect((full.host, full.port, full.user, full.database) == ("example.org", 7000, "ann", 3))
        #expect(full.password.revealed == "p@ss" && full.tls == nil)
        #expect(full.address == "redis://example.org:7000/3")
        let short = try RedisConfiguration(url: "rediss://:secret@[::1]")
        #expect((short.host, short.port, short.user, short.database) == ("::1", 6379, "", 0))
        #expect(short.tls != nil)
        for wrong in [
            "http://x", "redis://", "redis://h:0", "redis://h/x", "redis://:topsecret@h/-1", "redis://h?a=b", "",
        ] {
            let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: wrong) }
            #expect(error?.kind == .configuration)
            #expect(error?.message.contains("topsecret") == false)
        }
    }

    @Test func `password and database are used, and a wrong password says so`() async throws {
        let (server, group) = (try await RedisServer(["--requirepass", "open sesame"]), EventLoopGroup(count: 1))
        let redis = try await connection(server, group: group) {
            $0.password = Secret("open sesame")
            $0.database = 5
        }
        try await redis.send("SET", "where", "five")
        let other = try await connection(server, group: group) { $0.password = Secret("open sesame") }
        #expect(try await other.send("GET", "where") == .null)
        let wrong = try await connection(server, group: group) { $0.password = Secret("wrong") }
        do {
            try await wrong.send("PING")
            Issue.record("a wrong password was good enough")
        } catch {
            #expect(error.kind == .unavailable)
            #expect(error.message.contains("AUTH"))
        }
        for connection in [redis, other, wrong] { await connection.close() }
        await group.shutdown()
    }

    @Test func `an encrypted connection works with its authority and is refused without`() async throws {
        let (authority, group) = (try CertificateFiles(), EventLoopGroup(count: 1))
        let server = try await RedisServer(encrypted: authority.files)
        let trusted = try RedisConfiguration(
            url: "rediss://localhost:\(server.port)", authorities: .file(authority.files.authority))
        let redis = try await RedisConnection(trusted, loop: group.next(), log: .none)
        #expect(try await redis.send("PING") == .status("PONG"))
        let stranger = try await RedisConnection(
            try RedisConfiguration(url: "rediss://localhost:\(server.port)"), loop: group.next(), log: .none)
        await #expect(throws: RedisError.self) { try await stranger.send("PING") }
        await redis.close()
        await stranger.close()
        await group.shutdown()
    }

    @Test func `a server that is away is reported at once, and found again when it is back`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await connection(server, group: group)
        try await redis.send("PING")
        server.kill()
        try await eventually("the loss") { !redis.isConnected }
        let start = ContinuousClock.now
        for _ in 0..<10 { await #expect(throws: RedisError.self) { try await redis.send("PING") } }
        #expect(ContinuousClock.now - start < .seconds(5))
        try await server.start()
        try await eventually("the return") { (try? await redis.send("PING")) != nil }
        await redis.close()
        do { try await redis.send("PING") } catch { #expect(error.kind == .closed) }
        await group.shutdown()
    }

    @Test func `a connection that was cut is made again`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await connection(server, group: group)
        for _ in 0..<5 {
            try await eventually("the connection") { (try? await redis.send("PING")) != nil }
            try server.command("CLIENT", "KILL", "TYPE", "normal")
        }
        try await eventually("the connection") { (try? await redis.send("PING")) != nil }
        await redis.close()
        await group.shutdown()
    }

    @Test func `a server that falls silent is noticed within the stated time`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await connection(server, group: group) {
            $0.heartbeat = .seconds(1)
            $0.commandTimeout = .milliseconds(500)
        }
        try await redis.send("PING")
        server.freeze()
        let start = ContinuousClock.now
        try await eventually("the loss") { !redis.isConnected }
        // Nobody sent a command: the connection asked by itself. The bound is 2.5 s; the machine may be busy.
        #expect(ContinuousClock.now - start < .seconds(5))
        server.thaw()
        try await eventually("the return") { (try? await redis.send("PING")) != nil }
        await redis.close()
        await group.shutdown()
    }

    @Test func `who asks a server that hangs waits once, until it's back`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await connection(server, group: group) { $0.commandTimeout = .milliseconds(500) }
        try await redis.send("PING")
        server.freeze()
        for round in 0..<40 {
            do {
                try await redis.send("PING")
                Issue.record("a frozen server answered")
            } catch {
                // Only the first one has waited. Attempts to connect succeed meanwhile, for the system accepts for the
                // server, and end without a greeting: nobody waits for them.
                #expect(error.message.contains(round == 0 ? "has not answered" : "can't be reached"))
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        server.thaw()
        try await eventually("the return") { (try? await redis.send("PING")) != nil }
        await redis.close()
        await group.shutdown()
    }

    @Test func `no more commands wait than may, and those that wait end`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await connection(server, group: group) {
            $0.waitingCommands = 10
            $0.commandTimeout = .milliseconds(500)
        }
        try await redis.send("PING")
        server.freeze()
        let kinds = await withTaskGroup(of: RedisError.Kind?.self) { tasks in
            for _ in 0..<50 {
                tasks.addTask {
                    do throws(RedisError) {
                        try await redis.send("PING")
                        return nil
                    } catch { return error.kind }
                }
            }
            return await tasks.reduce(into: [RedisError.Kind?]()) { $0.append($1) }
        }
        #expect(kinds.count { $0 == .overloaded } == 40)
        #expect(kinds.count { $0 == .unavailable } == 10)
        server.thaw()
        await redis.close()
        await group.shutdown()
    }

    @Test func `a peer that isn't Redis is told apart`() async throws {
        let group = EventLoopGroup(count: 1)
        let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
            connection.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        }
        let redis = try await RedisConnection(
            try RedisConfiguration(url: "redis://127.0.0.1:\(listener.port)"), loop: group.next(), log: .none)
        do {
            try await redis.send("PING")
            Issue.record("an answer came from nowhere")
        } catch {
            #expect(error.kind == .unavailable)
        }
        await redis.close()
        await group.shutdown()
    }

    @Test func `a subscription says when it begins to count, and again after the server was away`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let heard = Heard()
        let subscription = try await RedisSubscription(
            try RedisConfiguration(url: server.url), channel: "c", loop: group.next(), log: .none
        ) { heard.add($0) }
        try await eventually("the subscription") { heard.all.first == "subscribed" }
        try server.command("PUBLISH", "c", "one")
        try server.command("PUBLISH", "d", "elsewhere")
        try await eventually("the message") { heard.all == ["subscribed", "one"] }
        server.kill()
        try await eventually("the loss") { heard.all.last == "interrupted" }
        try await server.start()
        try await eventually("the subscription") { heard.all.last == "subscribed" }
        try server.command("PUBLISH", "c", "two")
        try await eventually("the message") { heard.all == ["subscribed", "one", "interrupted", "subscribed", "two"] }
        await subscription.close()
        await group.shutdown()
    }
}

private final class Heard: Sendable {
    private let happenings = Mutex<[String]>([])
    var all: [String] { happenings.withLock { $0 } }

    func add(_ happening: RedisSubscription.Happening) {
        let text =
            switch happening {
            case .subscribed: "subscribed"
            case .interrupted: "interrupted"
            case .message(let bytes): String(decoding: bytes, as: UTF8.self)
            }
        happenings.withLock { $0.append(text) }
    }
}
