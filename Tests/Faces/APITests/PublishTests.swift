import API
import Core
import Crypto
import Store
import Testing
import Web
import Wire

struct PublishTests {
    let body = #"{"topic":"room/1","kind":"door.opened","payload":{"door":3,"by":"é"}}"#

    func headers(
        _ body: String, at seconds: Int64, secret: String = Site.publishSecret, signed: String? = nil
    ) -> Headers {
        let mac = HMACSHA256.authenticate(Array("\(signed ?? "\(seconds)").\(body)".utf8), key: Array(secret.utf8))
        return [
            "content-type": "application/json", "x-tandem-timestamp": "\(seconds)",
            "x-tandem-signature": "sha256=" + Hex.encode(mac),
        ]
    }

    @Test func `a signed event is appended, and its number returned`() async throws {
        let site = try await Site()
        let log = try await DatabaseEventLog(site.database)
        let before = try await log.lastNumber
        let response = await site.send(
            "POST", "/internal/v1/events", json: body, headers: headers(body, at: site.now / 1000))
        #expect(response.status == 202 && response.text == #"{"number":\#(before + 1)}"#)
        let event = try #require(try await log.read(after: before, limit: 10).first)
        #expect(event.topic == "room/1" && event.kind == "door.opened" && event.payload == #"{"by":"é","door":3}"#)
    }

    @Test func `clocks may differ by a minute, not more`() async throws {
        let site = try await Site()
        for (offset, status) in [(-60, 202), (60, 202), (-61, 401), (61, 401), (100_000, 401)] as [(Int64, Int)] {
            let headers = headers(body, at: site.now / 1000 + offset)
            #expect(await site.send("POST", "/internal/v1/events", json: body, headers: headers).status == status)
        }
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
        for headers in [
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
}
