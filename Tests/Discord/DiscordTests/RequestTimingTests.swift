import Core
import Discord
import FoundationEssentials
import Synchronization
import Testing
import TestSupport

/// Answers with what it was given, one after another, then with success.
private final class Script: HTTPTransport {
    private let answers: Mutex<[HTTPExchange.Answer]>
    private let seen = Mutex<[String]>([])

    init(_ answers: [HTTPExchange.Answer]) { self.answers = Mutex(answers) }

    var requests: [String] { seen.withLock { $0 } }

    func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer {
        seen.withLock { $0.append(request.url) }
        return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            ?? .init(status: 200, headers: [:], body: Data(#"{"id":"1","type":0}"#.utf8))
    }
}

struct RequestTimingTests {
    private func client(_ script: Script, _ time: ManualTime) -> RESTClient {
        RESTClient(
            .init(baseURL: "http://discord.example", token: Secret("a.b.c")), transport: script, time: time.source)
    }

    private static func limited(_ headers: [String: String], _ body: String) -> HTTPExchange.Answer {
        .init(status: 429, headers: headers, body: Data(body.utf8))
    }

    @Test(arguments: [
        (
            limited(
                ["retry-after": "65", "x-ratelimit-bucket": "b", "x-ratelimit-scope": "user"],
                #"{"message":"You are being rate limited.","retry_after":64.57,"global":false}"#), 64.57
        ),
        (
            limited(
                ["retry-after": "1", "x-ratelimit-global": "true"], #"{"message":"","retry_after":0.5,"global":true}"#),
            0.5
        ),
        (limited(["retry-after": "3600"], "<html>error code: 1015</html>"), 3600.0),
        (limited(["retry-after": "12", "x-ratelimit-scope": "shared"], "not JSON"), 12.0),
    ])
    func `a limited request waits exactly as long as the answer says, in every form of answer`(
        answer: HTTPExchange.Answer, seconds: Double
    ) async throws {
        let time = ManualTime()
        let script = Script([answer])
        let client = client(script, time)
        async let channel = client.channel(1)
        try await eventually("it waits") { time.sleepers == [.seconds(seconds)] }
        #expect(script.requests.count == 1)
        time.advance(to: .seconds(seconds))
        #expect(try await channel.id == 1)
        #expect(script.requests.count == 2)
    }

    @Test func `a server error is tried five times, and then thrown`() async throws {
        let time = ManualTime()
        let script = Script((0..<9).map { _ in .init(status: 503, headers: [:], body: Data()) })
        let client = client(script, time)
        let running = Task { try await client.channel(1) }
        for attempt in 1...4 {
            try await eventually("it rests") { script.requests.count == attempt && !time.sleepers.isEmpty }
            time.advance(to: try #require(time.sleepers.first))
        }
        let error = await #expect(throws: DiscordError.self) { try await running.value }
        #expect(error?.reason == .unavailable(status: 503))
        #expect(script.requests.count == 5)
    }

    @Test func `an empty bucket holds back requests until its reset, but not those of other channels`() async throws {
        let time = ManualTime()
        let empty = HTTPExchange.Answer(
            status: 200,
            headers: [
                "x-ratelimit-bucket": "b", "x-ratelimit-limit": "1", "x-ratelimit-remaining": "0",
                "x-ratelimit-reset-after": "7.5", "x-ratelimit-reset": "1",
            ], body: Data(#"{"id":"1","type":0}"#.utf8))
        let script = Script([empty])
        let client = client(script, time)
        _ = try await client.channel(1)
        let held = Task { try await client.channel(1) }
        try await eventually("it waits") { time.sleepers == [.milliseconds(7500)] }
        _ = try await client.channel(2)
        #expect(script.requests.count == 2)
        time.advance(to: .milliseconds(7500))
        _ = try await held.value
        #expect(script.requests.count == 3)
    }

    @Test func `cancelling ends the wait though the clock stands still`() async throws {
        let time = ManualTime()
        let script = Script([Self.limited(["retry-after": "9999", "x-ratelimit-bucket": "b"], "")])
        let client = client(script, time)
        let running = Task { try await client.channel(1) }
        try await eventually("it waits") { !time.sleepers.isEmpty }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(client.waiting == 0)
    }
}
