import Core
import FoundationEssentials
import Testing
import Web
import Wire

struct ContentTests {
    private struct Game: Codable, Sendable {
        struct Seat: Codable, Sendable { var playerName: String }
        var guildId: String
        var scheduledAt: Date
        var seats: [Seat]
        var maxPlayers: Int?
    }

    private static func router() -> Router {
        Router { routes in
            routes.post("/games") { try .json($0.decode(Game.self), status: 201) }
            routes.get("/query") { try .text($0.query["a"] ?? "-") }
            routes.get("/cookie") { request in
                Response.text(request.cookies["session"] ?? "-")
                    .settingCookie(Cookie("session", "abc", maxAge: .seconds(60), isSecure: request.isSecure))
            }
        }
    }

    @Test(arguments: Transport.allCases) func `JSON goes in and out in snake case`(_ transport: Transport) async throws
    {
        try await transport.run(Self.router()) { ask in
            let body =
                #"{"guild_id":"1","scheduled_at":"2030-01-31T18:30:00.250+02:00","seats":[{"player_name":"é/"}]}"#
            let response = try await ask(
                "POST", "/games", headers: ["content-type": "application/json; charset=utf-8"], body: body)
            #expect(response.status == 201)
            #expect(response.header("content-type") == "application/json")
            #expect(
                response.text
                    == #"{"guild_id":"1","scheduled_at":"2030-01-31T16:30:00Z","seats":[{"player_name":"é/"}]}"#)
        }
    }

    @Test(arguments: Transport.allCases)
    func `a body that isn't what is expected is refused with the place of the fault`(
        _ transport: Transport
    ) async throws {
        try await transport.run(Self.router()) { ask in
            for (type, body, status, code, place) in [
                ("text/plain", "{}", 415, "unsupported_media_type", "application/json"),
                ("application/json", "{", 400, "malformed_json", "not well-formed"),
                ("application/json", "", 400, "malformed_json", "not well-formed"),
                ("application/json", "{}", 400, "malformed_json", "$.guild_id"),
                ("application/json", #"{"guild_id":7}"#, 400, "malformed_json", "$.guild_id"),
                (
                    "application/json", #"{"guild_id":"1","scheduled_at":"soon","seats":[]}"#, 400, "malformed_json",
                    "$.scheduled_at"
                ),
                (
                    "application/json",
                    #"{"guild_id":"1","scheduled_at":"2030-01-31T18:30:00Z","seats":[{"player_name":"a"},{}]}"#, 400,
                    "malformed_json", "$.seats[1].player_name"
                ),
                (
                    "application/json", String(repeating: "[", count: 5000), 400, "malformed_json", ""
                ),
            ] {
                let response = try await ask("POST", "/games", headers: ["content-type": type], body: body)
                #expect(response.status == status, "\(body.prefix(80))")
                #expect(response.text.contains("\"\(code)\""), "\(body.prefix(80))")
                #expect(response.text.contains(place), "\(body.prefix(80)) \(response.text)")
            }
        }
    }

    @Test(arguments: Transport.allCases) func `queries are decoded`(_ transport: Transport) async throws {
        try await transport.run(Self.router()) { ask in
            for (query, value) in [("?b=1&a=x+y%26z", "x y&z"), ("?b=1", "-"), ("", "-"), ("?a=", "")] {
                let response = try await ask("/query" + query)
                #expect(response.text == value, "\(query)")
            }
            // What isn't properly encoded takes nothing else with it: it is refused as a whole.
            for query in ["?a=%f", "?a=1&b=%ff", "?%zz=1&a=1", "?a=1&b=%C3", "?a=1&b=%"] {
                let response = try await ask("/query" + query)
                #expect(response.status == 400 && response.text.contains(#""malformed_query""#), "\(query)")
            }
        }
    }

    @Test(arguments: [
        ["session=abc"], ["session=abc-_9"], ["session="], ["session"], ["sessions=abc"], ["session=a b"],
        [" session=abc"],
        ["session=abc; other=1"], ["other=1; session=abc"], [#"session="abc""#], ["session=a;session=b"], ["session=é"],
        ["session=abc", "session=other"], ["other=1", "session=abc"], ["session=a=b"], ["=abc"], [],
    ])
    func `one cookie is what it is among all`(_ fields: [String]) {
        var headers = Headers()
        for field in fields { headers.add("cookie", field) }
        let request = Request("GET", "/", headers: headers)
        #expect(request.cookie("session") == request.cookies["session"])
    }

    @Test(arguments: Transport.allCases) func `cookies are read and set`(_ transport: Transport) async throws {
        try await transport.run(Self.router()) { ask in
            let response = try await ask("GET", "/cookie", headers: ["cookie": "a=b; session=\"x1\"; session=x2; bad"])
            #expect(response.text == "x1")
            #expect(response.header("set-cookie") == "session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax")
        }
    }

    @Test func `a cookie behind TLS is marked secure, and can be removed`() {
        let removal = Cookie.removal(of: "session", isSecure: true)
        #expect(removal.header == "session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
        ] as [(Int64, String)]) func `dates are written and read as HTTP wants`(_ seconds: Int64, _ text: String)
    {
        #expect(HTTPDate.format(seconds: seconds) == text)
        #expect(HTTPDate.parse(text) == seconds)
    }

    @Test func `the time of a file from before 1970 can be written`() {
        #expect(HTTPDate.format(seconds: -1) == "Wed, 31 Dec 1969 23:59:59 GMT")
        #expect(HTTPDate.format(seconds: -86_400 * 365) == "Wed, 01 Jan 1969 00:00:00 GMT")
    }

    @Test(arguments: ["", "yesterday", "Sun, 06 Nov 1994 25:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"])
    func `other dates are ignored`(_ text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test func `percent-encoding goes there and back`() {
        let text = "a b/ü?&=+%~"
        #expect(PercentEncoding.encode(text) == "a%20b%2F%C3%BC%3F%26%3D%2B%25~")
        #expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text)
        for malformed in ["%", "%1", "%zz", "%ff", "%+1"] { #expect(PercentEncoding.decode(malformed) == nil) }
        #expect(FormFields([("a b", "1&2"), ("c", "")]).encoded == "a%20b=1%262&c=")
    }
}
