import Core
import Testing
import TestSupport
import Web
import Wire

struct MiddlewareTests {
    // MARK: Origin

    private static func guarded(_ check: OriginCheck = OriginCheck()) -> Router {
        Router { routes in
            routes.use(check.middleware)
            for method in ["POST", "PUT", "PATCH", "DELETE"] { routes.on(method, "/") { _ in .noContent } }
            routes.get("/") { _ in .text("hello") }
        }
    }

    struct OriginCase: Sendable, CustomTestStringConvertible {
        let method: String
        let headers: Headers
        let isAllowed: Bool
        var testDescription: String {
            "\(method) " + headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
        }

        init(_ method: String, _ headers: Headers, _ isAllowed: Bool) {
            self.method = method
            self.headers = headers
            self.isAllowed = isAllowed
        }
    }

    @Test(arguments: [
        OriginCase("POST", ["cookie": "s=1", "origin": "http://tandem.test"], true),
        OriginCase("POST", ["cookie": "s=1", "origin": "http://tandem.test:80"], true),
        OriginCase("POST", ["cookie": "s=1", "origin": "http://TANDEM.test"], true),
        OriginCase("POST", ["cookie": "s=1", "origin": "https://tandem.test"], true),
        OriginCase("POST", ["cookie": "s=1", "origin": "https://app.example"], true),
        OriginCase("POST", ["cookie": "s=1", "referer": "http://tandem.test/page?x"], true),
        OriginCase("POST", ["cookie": "s=1", "sec-fetch-site": "same-origin"], true),
        OriginCase("POST", ["origin": "http://evil.example"], true),
        OriginCase("POST", [:], true),
        OriginCase("GET", ["cookie": "s=1", "origin": "http://evil.example"], true),
        OriginCase("POST", ["cookie": "s=1"], false),
        OriginCase("PUT", ["cookie": "s=1", "origin": "null"], false),
        OriginCase("PATCH", ["cookie": "s=1", "origin": "http://evil.example"], false),
        OriginCase("DELETE", ["cookie": "s=1", "origin": "http://tandem.test.evil.example"], false),
        OriginCase("DELETE", ["cookie": "s=1", "origin": "http://tandem.test:8080"], false),
        OriginCase("POST", ["cookie": "s=1", "referer": "http://evil.example/http://tandem.test/"], false),
        OriginCase("POST", ["cookie": "s=1", "sec-fetch-site": "cross-site"], false),
        OriginCase("POST", ["cookie": "s=1", "sec-fetch-site": "same-site"], false),
        OriginCase(
            "GET", ["cookie": "s=1", "origin": "http://evil.example", "upgrade": "websocket"], false),
    ]) func `only our own pages change state in a user's name`(_ example: OriginCase) async throws {
        for transport in Transport.allCases {
            try await transport.run(Self.guarded(OriginCheck(allowed: ["https://app.example"]))) { ask in
                var headers = example.headers
                headers["host"] = "tandem.test"
                let response = try await ask(example.method, "/", headers: headers)
                #expect((response.status != 403) == example.isAllowed)
                if response.status == 403 { #expect(response.text.contains("bad_origin")) }
            }
        }
    }

    @Test func `a page without TLS may not act where the site has it`() async throws {
        let request = Request(
            "POST", "/", headers: ["host": "tandem.test", "cookie": "s=1", "origin": "http://tandem.test"],
            scheme: "https")
        #expect(await Self.guarded().respond(to: request).status == 403)
    }

    @Test(arguments: [
        OriginCase("POST", [:], true),
        OriginCase("POST", ["origin": "http://tandem.test"], true),
        OriginCase("POST", ["sec-fetch-site": "none"], true),
        OriginCase("GET", ["origin": "http://evil.example"], true),
        OriginCase("GET", ["upgrade": "websocket"], true),
        OriginCase("POST", ["origin": "http://evil.example"], false),
        OriginCase("DELETE", ["origin": "null"], false),
        OriginCase("POST", ["sec-fetch-site": "cross-site"], false),
        OriginCase("POST", ["sec-fetch-site": "same-site"], false),
        OriginCase("GET", ["origin": "http://evil.example", "upgrade": "websocket"], false),
    ]) func `where reaching the port is enough, no page of another site acts, and programs do`(
        _ example: OriginCase
    ) async throws {
        for transport in Transport.allCases {
            try await transport.run(Self.guarded(OriginCheck(scope: .all))) { ask in
                var headers = example.headers
                headers["host"] = "tandem.test"
                let response = try await ask(example.method, "/", headers: headers)
                #expect((response.status != 403) == example.isAllowed)
            }
        }
    }

    // MARK: Host

    @Test(arguments: [
        ("127.0.0.1:8081", true), ("[::1]:8081", true), ("192.168.1.7", true), ("localhost:8081", true),
        ("sandbox:8081", true), ("chat.localhost", true), ("host.docker.internal:8081", true),
        ("Discord.Example", true),
        ("discord.example:8081", true), ("evil.example", false), ("evil.example:8081", false), ("evil.example.", false),
        ("127.0.0.1.evil.example", false), ("localhost.evil.example", false), ("discord.example.evil.example", false),
    ])
    func `a name that anybody could have pointed here is refused`(host: String, isAccepted: Bool) async throws {
        let router = Router { routes in
            routes.use(HostCheck(names: ["discord.example"]).middleware)
            routes.get("/") { _ in .noContent }
        }
        for transport in Transport.allCases {
            try await transport.run(router) { ask in
                let response = try await ask("GET", "/", headers: ["host": host])
                #expect(response.status == (isAccepted ? 204 : 421))
                #expect(isAccepted || response.text.contains("bad_host"))
            }
        }
    }

    // MARK: Proxies

    @Test(arguments: [
        ("9.9.9.9", "1.2.3.4", "9.9.9.9", "http", "direct.test"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4", "https", "front.test"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.2.2.2", "1.2.3.4", "https", "front.test"),
        ("10.0.0.1", "nonsense", "10.0.0.1", "https", "front.test"),
        ("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1", "https", "front.test"),
        ("::1", "2001:db8::7", "2001:db8::7", "https", "front.test"),
    ]) func `forwarded fields count only from trusted proxies`(
        _ peer: String, _ forwarded: String, _ client: String, _ scheme: String, _ host: String
    ) throws {
        let proxies = TrustedProxies(try ["10.0.0.0/8", "::1"].map { try #require(IPNetwork($0)) })
        var request = Request(
            "GET", "/",
            headers: [
                "host": "direct.test", "x-forwarded-for": forwarded, "x-forwarded-proto": "https",
                "x-forwarded-host": "front.test",
            ], remoteAddress: peer)
        proxies.apply(to: &request)
        #expect(request.remoteAddress == client)
        #expect(request.scheme == scheme)
        #expect(request.host == host)
    }

    @Test func `networks contain what they should`() throws {
        for (address, client) in [
            ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:0:a0b::1", "2001:db8:0:a0b::/64"),
            ("2001:DB8:0:A0B:ffff::9", "2001:db8:0:a0b::/64"), ("2001:db8:0:a0c::1", "2001:db8:0:a0c::/64"),
            ("::1", "0:0:0:0::/64"), ("somebody", "unknown"), ("", "unknown"),
        ] {
            #expect(IPNetwork.client(at: address) == client)
        }
        let network = try #require(IPNetwork("192.168.4.0/22"))
        #expect(network.contains("192.168.7.255"))
        #expect(!network.contains("192.168.8.0"))
        #expect(network.contains("::ffff:192.168.5.1"))
        #expect(!network.contains("not an address"))
        #expect(try #require(IPNetwork("0.0.0.0/0")).contains("8.8.8.8"))
        #expect(try #require(IPNetwork("fd00::/8")).contains("fd12::1"))
        for text in ["", "300.1.1.1", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "a/8"] { #expect(IPNetwork(text) == nil) }
    }

    @Test func `a request over a socket carries what the trusted proxy reports`() async throws {
        let router = Router { routes in
            routes.get("/") { .text("\($0.remoteAddress) \($0.origin)") }
        }
        let request =
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 5.5.5.5\r\nX-Forwarded-Proto: https\r\n\r\n"
        try await LiveServer.run(router) { live in
            let response = try await live.exchange(request)
            #expect(response.text == "127.0.0.1 http://a")
        }
        let loopback = try #require(IPNetwork("127.0.0.0/8"))
        try await LiveServer.run(router, configure: { $0.trustedProxies = TrustedProxies([loopback]) }) { live in
            let response = try await live.exchange(request)
            #expect(response.text == "5.5.5.5 https://a")
        }
    }

    // MARK: Fields

    @Test(arguments: Transport.allCases) func `every response restricts what a page may do`(_ transport: Transport)
        async throws
    {
        let router = Router { routes in
            routes.use(SecurityHeaders().allowing("img-src", "'self'", "https://cdn.example").middleware)
            routes.get("/") { _ in .html("<p>hello") }
            routes.group("/framed", [SecurityHeaders().framed(by: "'self'").middleware]) {
                $0.get("/") { _ in .html("<p>x") }
            }
            routes.group("/other", [SecurityHeaders().framed(by: "https://a.example").middleware]) {
                $0.get("/") { _ in .html("<p>x") }
            }
        }
        try await transport.run(router) { ask in
            for target in ["/", "/nowhere"] {
                let response = try await ask(target)
                #expect(
                    response.header("content-security-policy")
                        == "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
                        + "img-src 'self' https://cdn.example; frame-ancestors 'none'")
                #expect(response.header("x-frame-options") == "DENY")
                #expect(response.header("x-content-type-options") == "nosniff")
                #expect(response.header("referrer-policy") == "same-origin")
            }
            for (target, isPage) in [("/", true), ("/nowhere", false)] {
                let response = try await ask(target)
                #expect(response.header("cross-origin-resource-policy") == "same-origin")
                #expect(response.header("cross-origin-opener-policy") == (isPage ? "same-origin" : nil))
                #expect(response.header("permissions-policy")?.contains("camera=(), ") == (isPage ? true : nil))
            }
            let framed = try await ask("/framed")
            #expect(framed.header("content-security-policy")?.hasSuffix("frame-ancestors 'self'") == true)
            #expect(framed.header("x-frame-options") == "SAMEORIGIN")
            let other = try await ask("/other")
            #expect(other.header("content-security-policy")?.hasSuffix("frame-ancestors https://a.example") == true)
            #expect(other.header("x-frame-options") == nil)
        }
    }

    @Test func `browsers are told to come over https where the site has it`() async {
        for isSiteSecure in [false, true] {
            var security = SecurityHeaders()
            security.isSiteSecure = isSiteSecure
            let headers = security
            let router = Router { $0.finish(headers.finisher) }
            for scheme in ["http", "https"] {
                let response = await router.respond(to: Request("GET", "/", scheme: scheme))
                let expected = isSiteSecure || scheme == "https" ? "max-age=31536000" : nil
                #expect(response.headers["strict-transport-security"] == expected)
            }
        }
    }

    @Test(arguments: Transport.allCases) func `requests have names`(_ transport: Transport) async throws {
        let router = Router { routes in
            routes.get("/") { .text($0.id) }
        }
        try await transport.run(router) { ask in
            let own = try await ask("GET", "/", headers: ["x-request-id": "trace-0001"])
            #expect(own.text == "trace-0001")
            #expect(own.header("x-request-id") == "trace-0001")
            for bad in ["short", "has space in it", String(repeating: "a", count: 65), "semi;colon-colon"] {
                let response = try await ask("GET", "/", headers: ["x-request-id": bad])
                #expect(response.text != bad && response.text.wholeMatch(of: /[0-9a-z]{8,64}/) != nil)
            }
        }
    }

    @Test func `the access log has a line for each request, without its query`() async throws {
        let lines = Box<[String]>([])
        let log = Log { line in lines.change { $0.append(line) } }
        let metrics = Metrics()
        let router = Router { routes in
            routes.finish(AccessLog(log: log, metrics: metrics).finisher)
            routes.get("/ok") { _ in .text("hello") }
        }
        _ = await router.respond(to: Request("GET", "/ok?token=secret"))
        _ = await router.respond(to: Request("GET", "/missing"))
        #expect(lines.value.count == 2)
        #expect(lines.value[0].contains("request method=GET path=/ok status=200 ms="))
        #expect(lines.value[1].contains("status=404"))
        #expect(!lines.value.joined().contains("secret"))
        #expect(metrics.rendered().contains("http_requests_total{status=\"2xx\"} 1\n"))
        #expect(metrics.rendered().contains("http_requests_total{status=\"4xx\"} 1\n"))
    }

    // MARK: Probes

    @Test(arguments: Transport.allCases) func `probes report the state of the program`(_ transport: Transport)
        async throws
    {
        let metrics = Metrics()
        metrics.counter("tests_total", help: "Tests.").increment()
        let fault = Box<String?>(nil)
        let probes = Probes(metrics: metrics, timeout: .seconds(1))
        probes.addCheck("database") { fault.value }
        let router = Router { probes.mount(on: &$0) }
        try await transport.run(router) { ask in
            let health = try await ask("/healthz")
            #expect(health.status == 200)
            let ready = try await ask("/readyz")
            #expect(ready.status == 200)
            #expect(ready.text == #"{"checks":{"database":"ok"},"status":"ready"}"#)
            fault.set("no connection")
            let unready = try await ask("/readyz")
            #expect(unready.status == 503)
            #expect(unready.text == #"{"checks":{"database":"no connection"},"status":"unavailable"}"#)
            let rendered = try await ask("/metrics")
            #expect(rendered.text.contains("tests_total 1\n"))
            #expect(rendered.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            probes.addCheck("stuck") {
                try? await Task.sleep(for: .seconds(600))
                return nil
            }
            let stuck = try await ask("/readyz")
            #expect(stuck.text.contains(#""stuck":"no answer in time""#))
            probes.addNote("silent") { nil }
            probes.addNote("bus") { "away" }
            let noted = try await ask("/readyz")
            #expect(noted.text.contains(#""notes":{"bus":"away"}"#))
        }
    }

    @Test func `a check that hangs and heeds no cancellation is named, asked once, and asked again when it has ended`()
        async throws
    {
        let probes = Probes(metrics: Metrics(), timeout: .milliseconds(50))
        let asked = Box(0)
        let answers = Box<[String]>([])
        let (gate, opener) = AsyncStream.makeStream(of: Never.self)
        defer { opener.finish() }
        probes.addCheck("database") {
            asked.increment()
            // A task of its own doesn't hear of the cancellation.
            await Task { for await _ in gate {} }.value
            return nil
        }
        let router = Router { probes.mount(on: &$0) }
        // In a task that nobody has to wait for, should it hang.
        let ask = { @Sendable in
            _ = Task {
                let response = await router.respond(to: Request("GET", "/readyz"))
                answers.change { $0.append("\(response.status) \(String(decoding: response.bytes, as: UTF8.self))") }
            }
        }
        for _ in 0..<3 { ask() }
        try await eventually("three answers", within: .seconds(120)) { answers.value.count == 3 }
        ask()
        try await eventually("one more", within: .seconds(120)) { answers.value.count == 4 }
        let late = #"503 {"checks":{"database":"no answer in time"},"status":"unavailable"}"#
        #expect(answers.value == [late, late, late, late])
        #expect(asked.value == 1)
        opener.finish()
        try await eventually("it answers again", within: .seconds(120)) {
            await router.respond(to: Request("GET", "/readyz")).status == 200
        }
        #expect(asked.value >= 2)
    }
}
