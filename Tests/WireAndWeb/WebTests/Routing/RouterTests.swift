import Core
import Testing
import Web
import Wire

struct RouterTests {
    private static func router(_ trailingSlash: Router.TrailingSlash = .redirect) -> Router {
        Router(trailingSlash: trailingSlash) { routes in
            routes.get("/") { _ in .text("root") }
            routes.get("/games") { try .text("games \($0.query["status"] ?? "-")") }
            routes.post("/games") { _ in Response(status: 201) }
            routes.get("/games/mine") { _ in .text("mine") }
            routes.get("/games/:id") { try .text("game \($0.parameter("id", as: Int64.self))") }
            routes.delete("/games/:game") { try .text("gone \($0.parameter("game"))") }
            routes.get("/games/:id/players/:player") { try .text("\($0.parameter("id")) \($0.parameter("player"))") }
            routes.get("/files/*path") { try .text("file \($0.parameter("path"))") }
        }
    }

    @Test(arguments: Transport.allCases) func `a request finds its route`(_ transport: Transport) async throws {
        try await transport.run(Self.router()) { ask in
            for (target, expected) in [
                ("/", "root"), ("/games", "games -"), ("/games?status=open", "games open"), ("/games/mine", "mine"),
                ("/games/12", "game 12"), ("/games/a%20b/players/%C3%A9%2Fx", "a b é/x"),
                ("/files/a/b.txt", "file a/b.txt"),
                ("/files/", "file "), ("/%67ames", "games -"),
            ] {
                let response = try await ask(target)
                #expect(response.status == 200, "\(target)")
                #expect(response.text == expected, "\(target)")
            }
            let deleted = try await ask("DELETE", "/games/x")
            #expect(deleted.text == "gone x")
        }
    }

    @Test(arguments: Transport.allCases) func `what can't be there is answered with code and message`(
        _ transport: Transport
    ) async throws {
        try await transport.run(Self.router()) { ask in
            for (method, target, status, code) in [
                ("GET", "/nothing", 404, "not_found"), ("GET", "/games/abc", 404, "not_found"),
                ("GET", "//games", 404, "not_found"), ("GET", "/games/12/", 308, ""),
                ("GET", "/games/12/players", 404, "not_found"), ("PUT", "/games", 405, "method_not_allowed"),
                ("GET", "/a%zz", 400, "malformed_path"), ("GET", "/%ff", 400, "malformed_path"),
                ("GET", "/games/%2e%2e/x", 400, "malformed_path"), ("GET", "/a%00", 400, "malformed_path"),
            ] {
                let response = try await ask(method, target)
                #expect(response.status == status, "\(method) \(target)")
                if !code.isEmpty {
                    #expect(response.text.hasPrefix("{\"error\":{\"code\":\"\(code)\",\"message\":"), "\(target)")
                }
            }
        }
    }

    @Test(arguments: Transport.allCases) func `an unsupported method is answered with those that are supported`(
        _ transport: Transport
    ) async throws {
        try await transport.run(Self.router()) { ask in
            let refused = try await ask("PUT", "/games")
            #expect(refused.header("allow") == "GET, HEAD, OPTIONS, POST")
            let options = try await ask("OPTIONS", "/games/1")
            #expect(options.status == 204)
            #expect(options.header("allow") == "DELETE, GET, HEAD, OPTIONS")
            let any = try await ask("OPTIONS", "*")
            #expect(any.status == 204)
        }
    }

    @Test(arguments: Transport.allCases) func `HEAD needs no route of its own`(_ transport: Transport) async throws {
        try await transport.run(Self.router()) { ask in
            let response = try await ask("HEAD", "/games")
            #expect(response.status == 200)
            #expect(response.header("content-length") == "7")
            #expect(response.body.isEmpty)
        }
    }

    @Test func `a trailing slash is treated as the router is configured`() async throws {
        let redirected = await Self.router().respond(to: Request("GET", "/games/?a=b"))
        #expect(redirected.status == 308)
        #expect(redirected.headers["location"] == "/games?a=b")
        let ignored = await Self.router(.ignore).respond(to: Request("GET", "/games/"))
        #expect(ignored.status == 200)
    }

    @Test func `a redirect never leads to another site`() async throws {
        for target in ["//evil.example/", "//evil.example", "/\\evil.example/", "/%2F/evil.example/"] {
            let response = await Self.router().respond(to: Request("GET", target))
            #expect(response.headers["location"] == nil, "\(target)")
            #expect(response.status == 404, "\(target)")
        }
        // Browsers take a backslash for a slash.
        let router = Router { routes in
            routes.get("/:page/") { _ in .text("") }
        }
        #expect(await router.respond(to: Request("GET", "/about")).headers["location"] == "/about/")
        #expect(await router.respond(to: Request("GET", "/\\evil.example")).status == 404)
    }

    @Test(arguments: Transport.allCases) func `middleware surrounds routes in the order it was added`(
        _ transport: Transport
    ) async throws {
        func trace(_ name: String) -> Middleware {
            Middleware { request, next in
                var request = request
                request.headers["trace"] = (request.headers["trace"] ?? "") + name
                return try await next(request).setting("trace-\(name)", "yes")
            }
        }
        let router = Router { routes in
            routes.use(trace("a"), trace("b"))
            routes.group("/x", [trace("c")]) { group in
                group.get("/") { .text($0.headers["trace"] ?? "") }
                group.group("/y", [trace("d")]) { $0.get("/z") { .text($0.headers["trace"] ?? "") } }
            }
        }
        try await transport.run(router) { ask in
            #expect(try await ask("/x").text == "abc")
            let inner = try await ask("/x/y/z")
            #expect(inner.text == "abcd")
            #expect(inner.header("trace-d") == "yes")
            let missing = try await ask("/nowhere")
            #expect(missing.status == 404)
            #expect(missing.header("trace-a") == "yes")
            #expect(missing.header("trace-c") == nil)
        }
    }

    /// Says by which way it was passed.
    private static func marking(_ name: String) -> Middleware {
        Middleware(direct: { request, next in next(request)?.setting(name, "at once") }) { request, next in
            try await next(request).setting(name, "later")
        }
    }

    @Test(arguments: Transport.allCases)
    func `what can be answered at once passes the same middleware and finishers`(_ transport: Transport) async throws {
        let router = Router { routes in
            routes.use(Self.marking("around"))
            routes.finish(
                { request, response, _ in response.headers["seen"] = request.path },
                { _, response, _ in response.headers["seen"] = (response.headers["seen"] ?? "") + "!" })
            routes.getAtOnce("/now") { .text($0.rawQuery) }
            routes.group("/group", [Self.marking("inner")]) { group in
                group.get("/:name", atOnce: { $0.parameters["name"] == "known" ? .text("remembered") : nil }) {
                    .text("found \(try $0.parameter("name"))")
                }
            }
            routes.group("/waits", [Middleware { request, next in try await next(request) }]) {
                $0.get("/:name", atOnce: { _ in .text("remembered") }) { _ in .text("found") }
            }
            routes.get("/later") { _ in .text("later") }
        }
        try await transport.run(router) { ask in
            let now = try await ask("/now?a=b")
            #expect(now.text == "a=b" && now.header("seen") == "/now!" && now.header("around") == "at once")
            #expect(now.header("x-request-id") != nil)
            for (target, text, way) in [
                ("/group/known", "remembered", "at once"), ("/group/kn%6fwn", "remembered", "at once"),
                ("/group/other", "found other", "later"),
            ] {
                let response = try await ask(target)
                #expect(response.text == text && response.header("seen") == target + "!")
                #expect(response.header("inner") == way && response.header("around") == way, "\(target)")
            }
            #expect(try await ask("/waits/known").text == "found")
            let later = try await ask("/later")
            #expect(later.header("around") == "later" && later.header("seen") == "/later!")
            let missing = try await ask("/nowhere")
            #expect(missing.status == 404 && missing.header("seen") == "/nowhere!")
            #expect(try await ask("POST", "/now").status == 405)
            for target in ["/now", "/group/known"] {
                let head = try await ask("HEAD", target)
                #expect(head.status == 200 && head.text.isEmpty && head.header("around") == "at once")
            }
        }
    }

    private struct Taken: CodedError {
        var code: String { "seat_taken" }
        var message: String { "The seat is taken." }
    }

    @Test(arguments: Transport.allCases) func `errors become answers`(_ transport: Transport) async throws {
        struct Unknown: Error {}
        let router = Router { routes in
            routes.mapErrors { ($0 as? Taken).map { HTTPError(409, $0.code, $0.message) } }
            routes.get("/http") { _ in throw HTTPError(429, "slow_down", "Wait.", headers: ["retry-after": "3"]) }
            routes.get("/fields") { _ in
                throw HTTPError(422, "invalid", "Mend these.", fields: [.init("title", "The title is missing.")])
            }
            routes.get("/coded") { _ in throw Taken() }
            routes.get("/unknown") { _ in throw Unknown() }
            routes.group("/guarded", [Middleware { _, _ in throw HTTPError(401, "not_signed_in", "Sign in.") }]) {
                $0.get("/") { _ in .noContent }
            }
        }
        try await transport.run(router) { ask in
            let limited = try await ask("/http")
            #expect(limited.status == 429)
            #expect(limited.header("retry-after") == "3")
            #expect(limited.text == #"{"error":{"code":"slow_down","message":"Wait."}}"#)
            let invalid = try await ask("/fields")
            #expect(invalid.status == 422)
            #expect(
                invalid.text == #"{"error":{"code":"invalid","fields":[{"field":"title","#
                    + #""message":"The title is missing."}],"message":"Mend these."}}"#)
            let taken = try await ask("/coded")
            #expect(taken.status == 409)
            #expect(taken.text == #"{"error":{"code":"seat_taken","message":"The seat is taken."}}"#)
            let unknown = try await ask("/unknown")
            #expect(unknown.status == 500)
            #expect(unknown.text.contains("internal_error"))
            #expect(unknown.text.contains(unknown.header("x-request-id") ?? "?"))
            #expect(try await ask("/guarded").status == 401)
        }
    }
}
