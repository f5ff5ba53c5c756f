import Core
import EventLoop
import Testing
import Web
import Wire

/// The two ways a request reaches a router: in process, and over a real socket. What holds must hold for both.
enum Transport: String, CaseIterable, Sendable {
    case inProcess, socket

    /// Answers the requests that `body` makes.
    func run(_ router: Router, _ body: (_ ask: Ask) async throws -> Void) async throws {
        switch self {
        case .inProcess:
            try await body(Ask { await Self.inProcess(router, $0) })
        case .socket:
            try await LiveServer.run(router) { live in
                try await body(
                    Ask { request in
                        let client = try await live.connect()
                        var headers = request.headers
                        headers["connection"] = "close"
                        let target = request.path + (request.rawQuery.isEmpty ? "" : "?" + request.rawQuery)
                        try await client.send(
                            RequestSerializer.request(
                                RequestHead(method: request.method, target: target, headers: headers),
                                body: request.body))
                        return try await client.response(to: request.method)
                    })
            }
        }
    }

    private static func inProcess(_ router: Router, _ request: Request) async -> RawResponse {
        let response =
            if let atOnce = router.respondAtOnce(to: request) { atOnce } else { await router.respond(to: request) }
        let collected = Box<[UInt8]>([])
        switch response.body {
        case .bytes(let bytes): collected.set(bytes)
        case .produced(_, let produce): try? await produce(BodyWriter { bytes in collected.change { $0 += bytes } })
        default: break
        }
        return RawResponse(
            head: ResponseHead(status: response.status, headers: response.headers), body: collected.value)
    }
}

struct Ask {
    let send: (Request) async throws -> RawResponse

    func callAsFunction(_ request: Request) async throws -> RawResponse { try await send(request) }

    func callAsFunction(_ target: String) async throws -> RawResponse { try await send(Request("GET", target)) }

    func callAsFunction(
        _ method: String, _ target: String, headers: Headers = [:], body: String = ""
    ) async throws -> RawResponse {
        try await send(Request(method, target, headers: headers, body: [UInt8](body.utf8)))
    }
}
