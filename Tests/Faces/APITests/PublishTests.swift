import API
import Core
import Crypto
import FoundationEssentials
import Store
import Testing
import TestSupport
import Web
import Wire

struct PublishTests {
    let body = #"{"topic":"guild/\#(Site.tavern)","kind":"door.opened","payload":{"door":3,"by":"é"}}"#

    func headers(
        _ body: String, at seconds: Int64, fraction: String = "", secret: String = Site.publishSecret,
        signed: String? = nil, key: String? = nil
    ) -> Headers {
        let timestamp = "\(seconds)\(fraction)"
        let mac = HMACSHA256.authenticate(Array("\(signed ?? timestamp).\(body)".utf8), key: Array(secret.utf8))
        var headers: Headers = [
            "content-type": "application/json", "x-tandem-timestamp": timestamp,
            "x-tandem-signature": "sha256=" + Hex.encode(mac),
        ]
        headers["idempotency-key"] = key
        return headers
    }

    private func publish(
        _ site: Site, _ body: String, fraction: String = "", key: String? = nil
    ) async -> Response {
        await site.send(
            "POST", "/internal/v1/events", json: body,
            headers: headers(body, at: site.now / 1000, fraction: fraction, key: key))
    }

    @Test func `a signed event is appended, and its number returned`() async throws {
        let site = try await Site()
        let log = try await DatabaseEventLog(site.database)
        let before = try await log.lastNumber
        let response = await site.send(
            "POST", "/internal/v1/events", json: body, headers: headers(body, at: site.now / 1000))
        #expect(response.status == 202 && response.text == #"{"number":\#(before + 1)}"#)
        let event = try #require(try await log.read(after: before, limit: 10).first)
        #expect(
            event.topic == "guild/\(Site.tavern)" && event.kind == "door.opened"
                && event.payload == #"{"by":"é","door":3}"#)
    }

    @Test func `clocks may differ by a minute, not more`() async throws {
        let site = try await Site()
        for (offset, status) in [(-60, 202), (60, 202), (-61, 401), (61, 401), (100_000, 401)] as [(Int64, Int)] {
            let headers = headers(body, at: site.now / 1000 + offset)
            #expect(await site.send("POST", "/internal/v1/events", json: body, headers: headers).status == status)
        }
    }

    @Test func `a signature stays used although another process's clock is ahead`() async throws {
        let site = try await Site()
        let date = site.time.date
        let signed = headers(body, at: site.now / 1000 - 59)
        #expect(await site.send("POST", "/internal/v1/events", json: body, headers: signed).status == 202)
        // The other process publishes until it has certainly tidied.
        site.time.set(date + 45)
        for number in 0..<1500 {
            #expect(await publish(site, body, fraction: ".\(number)").status == 202)
        }
        site.time.set(date)
        #expect(await site.send("POST", "/internal/v1/events", json: body, headers: signed).status == 401)
    }

    @Test func `a signature is valid for one body, and once`() async throws {
        let site = try await Site()
        let now = site.now / 1000
        let good = headers(body, at: now)
        #expect(await site.send("POST", "/internal/v1/events", json: body, headers: good).status == 202)
        for seconds in [0, 60] {
            site.advance(.seconds(seconds))
            let again = await site.send("POST", "/internal/v1/events", json: body, headers: good)
            #expect(again.status == 401 && again.code == "invalid_signature")
        }
        var upper = headers(body, at: now + 60)
        upper["x-tandem-signature"] = "sha256=" + (upper["x-tandem-signature"] ?? "").dropFirst(7).uppercased()
        #expect(await site.send("POST", "/internal/v1/events", json: body, headers: upper).status == 202)
        let lower = headers(body, at: now + 60)
        #expect(
            await site.send("POST", "/internal/v1/events", json: body, headers: lower).status == 401,
            "the same signature in other letters")
        var missing = headers(body, at: now)
        missing["x-tandem-signature"] = nil
        var moved = headers(body, at: now + 1, signed: "\(now)")
        var bare = headers(body, at: now + 2)
        bare["x-tandem-signature"] = bare["x-tandem-signature"]?.replacing("sha256=", with: "")
        var untimed = headers(body, at: now)
        untimed["x-tandem-timestamp"] = nil
        moved["x-tandem-timestamp"] = "+\(now)"
        let malformed = [".", ".x", ".5.5", ".-5", ".1234567890"].map { headers(body, at: now, fraction: $0) }
        for headers in malformed + [
            missing, moved, bare, untimed, headers(body, at: now, secret: "another"), headers(body + " ", at: now), [:],
        ] {
            let response = await site.send("POST", "/internal/v1/events", json: body, headers: headers)
            #expect(response.status == 401 && response.code == "invalid_signature")
        }
    }

    @Test(arguments: [
        ("{", 400, "malformed_json"), (#"{"topic":"a","kind":"b"}"#, 400, "malformed_json"),
        (#"{"topic":"a","kind":"b","payload":[]}"#, 400, "malformed_json"),
        (#"{"topic":"a b","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"topic":"","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"topic":"a","kind":"","payload":{}}"#, 422, "invalid_kind"),
        (#"{"topic":"user/1","kind":"access.granted","payload":{}}"#, 422, "invalid_kind"),
        (#"{"topic":"user/1","kind":"session.ended","payload":{}}"#, 422, "invalid_kind"),
        // Nobody could ever read these.
        (#"{"topic":"room/1","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"topic":"guild/","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"topic":"guild/x","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"topic":"guild/1/2","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"topic":"guild/01","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"topic":"Guild/1","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"topic":"members/1","kind":"b","payload":{}}"#, 422, "invalid_topic"),
        (#"{"events":{}}"#, 400, "malformed_json"), (#"{"events":[]}"#, 422, "invalid_events"),
        (#"{"topic":"user/1","kind":"b","payload":{},"events":[]}"#, 400, "malformed_json"),
    ])
    func `a signed event is still validated`(_ body: String, _ status: Int, _ code: String) async throws {
        let site = try await Site()
        let response = await site.send(
            "POST", "/internal/v1/events", json: body, headers: headers(body, at: site.now / 1000))
        #expect(response.status == status && response.code == code)
    }

    @Test func `a payload that is too large is refused, which does not use up its signature`() async throws {
        let site = try await Site()
        let large = #"{"topic":"a","kind":"b","payload":{"x":"\#(String(repeating: "x", count: 17_000))"}}"#
        for _ in 1...2 {
            let response = await site.send(
                "POST", "/internal/v1/events", json: large, headers: headers(large, at: site.now / 1000))
            #expect(response.status == 413 && response.code == "payload_too_large")
        }
    }

    // MARK: Again and several

    private func count(_ site: Site) async throws -> Int64 { try await DatabaseEventLog(site.database).lastNumber }

    @Test func `the same may be said twice within a second under two signatures`() async throws {
        let site = try await Site()
        let before = try await count(site)
        for fraction in ["", ".1", ".100", ".123456789"] {
            #expect(await publish(site, body, fraction: fraction).status == 202)
            #expect(await publish(site, body, fraction: fraction).status == 401)
        }
        #expect(try await count(site) == before + 4)
    }

    @Test func `what is sent again under its key is told once, and answered the same`() async throws {
        let site = try await Site()
        let before = try await count(site)
        let first = await publish(site, body, key: "k-1")
        #expect(first.status == 202 && first.text == #"{"number":\#(before + 1)}"#)
        #expect(await publish(site, body, fraction: ".5").status == 202)
        for pause in [0, 1, 3600, 20 * 3600] {
            site.advance(.seconds(pause))
            let again = await publish(site, body, key: "k-1")
            #expect(again.status == 202 && again.text == first.text && again.headers["idempotency-key"] == "k-1")
        }
        #expect(try await count(site) == before + 2)
        let other = await publish(site, body.replacing("door", with: "gate"), key: "k-1")
        #expect(other.status == 422 && other.code == "invalid_idempotency_key")
        #expect(await publish(site, body, key: "k 1").code == "invalid_idempotency_key")
        site.advance(.seconds(3 * 3600))
        let later = await publish(site, body, key: "k-1")
        #expect(later.text == #"{"number":\#(before + 3)}"#, "a day has passed")
    }

    @Test func `what is sent many times at once under one key is told once`() async throws {
        let site = try await Site()
        let before = try await count(site)
        let answers = await withTaskGroup(of: String.self) { group in
            for number in 1...20 {
                group.addTask { await publish(site, body, fraction: ".\(number)", key: "k").text }
            }
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers == [#"{"number":\#(before + 1)}"#])
        #expect(try await count(site) == before + 1)
    }

    @Test func `a refused request uses up neither its key nor its signature`() async throws {
        let site = try await Site()
        #expect(await publish(site, body).status == 202)
        #expect(await publish(site, body, key: "k").status == 401, "a used signature under a new key")
        #expect(await publish(site, body.replacing("guild", with: "house"), key: "k").status == 422)
        #expect(await publish(site, body, fraction: ".5", key: "k").status == 202)
    }

    private func batch(_ topics: [String]) -> String {
        let events = topics.enumerated().map { #"{"topic":"\#($1)","kind":"k","payload":{"n":\#($0)}}"# }
        return #"{"events":[\#(events.joined(separator: ","))]}"#
    }

    @Test func `a batch is appended in order, and again under its key not at all`() async throws {
        let site = try await Site()
        let log = try await DatabaseEventLog(site.database)
        let before = try await log.lastNumber
        let batch = batch((0..<100).map { $0 % 2 == 0 ? "guild/\(Site.tavern)" : "user/11" })
        let numbers = (1...100).map { "\(before + Int64($0))" }.joined(separator: ",")
        for fraction in ["", ".5"] {
            let response = await publish(site, batch, fraction: fraction, key: "batch")
            #expect(response.status == 202 && response.text == #"{"numbers":[\#(numbers)]}"#)
        }
        let events = try await log.read(after: before, limit: 200)
        #expect(events.map(\.payload) == (0..<100).map { #"{"n":\#($0)}"# })
        #expect(events[1].topic == "user/11")
    }

    @Test func `a batch with a fault is refused as a whole`() async throws {
        let site = try await Site()
        let before = try await count(site)
        let faulty = await publish(site, batch(["user/11", "room/1", "user/11"]))
        #expect(faulty.status == 422 && faulty.code == "invalid_topic" && faulty.text.contains("events[1]: "))
        let large = await publish(site, batch(Array(repeating: "user/11", count: 101)))
        #expect(large.status == 422 && large.code == "invalid_events")
        #expect(try await count(site) == before)
    }
}
