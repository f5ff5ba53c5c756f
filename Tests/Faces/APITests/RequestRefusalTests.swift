import Testing
import WebTestSupport

struct RequestRefusalTests {
    @Test(arguments: [
        ("GET /api/v1/games?x=" + String(repeating: "x", count: 9000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (
            "GET /api/v1/games HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "x", count: 20_000) + "\r\n\r\n",
            431
        ),
        ("GET /api/v1/games HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n", 400),
        ("GET /api/v1/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400),
        ("POST /api/v1/games HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", 413),
        ("DELETE /api/v1/guilds HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405),
        ("GET /api/v1/games HTTP/1.1\r\nHost: localhost\r\nCookie: \u{1};;==;tandem_session\r\n\r\n", 400),
        (
            "GET /api/v1/games HTTP/1.1\r\nHost: localhost\r\nCookie: ;;==;tandem_session\r\nConnection: close\r\n\r\n",
            401
        ),
    ])
    func `a request that the server can't take gets a status, a code and a sentence`(_ request: String, _ status: Int)
        async throws
    {
        try await LiveSite.run { live in
            let client = try await StreamClient.send(request, live.group, port: live.port)
            try await client.wait("the answer") { $0.isClosed }
            #expect(client.status == status)
            #expect(client.text.contains(#""error":{"code":""#) && client.text.contains(#""message":""#))
        }
    }
}
