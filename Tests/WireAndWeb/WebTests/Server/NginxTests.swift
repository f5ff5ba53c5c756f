import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

/// Behind nginx, as in production.
struct NginxTests {
    private static func configuration(folder: TemporaryFolder, port: Int, upstream: Int) -> String {
        """
        daemon off; master_process off; error_log stderr info; pid \(folder.file("pid"));
        events {}
        http {
            access_log off;
            client_body_temp_path \(folder.file("body")); proxy_temp_path \(folder.file("proxy"));
            fastcgi_temp_path \(folder.file("f")); uwsgi_temp_path \(folder.file("u")); scgi_temp_path \(folder.file("s"));
            upstream tandem { server 127.0.0.1:\(upstream); keepalive 4; }
            server {
                listen 127.0.0.1:\(port);
                location / {
                    proxy_pass http://tandem;
                    proxy_http_version 1.1;
                    proxy_set_header Connection $http_connection;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-For 203.0.113.9;
                    proxy_set_header X-Forwarded-Proto https;
                }
            }
        }
        """
    }

    @Test func `requests, streams and WebSockets pass a proxy in front`() async throws {
        let closed = Box(0)
        let router = Router { routes in
            routes.get("/") { .text("\($0.remoteAddress) \($0.scheme)") }
            routes.post("/echo") { .bytes($0.body, type: "application/octet-stream") }
            routes.get("/stream") { _ in
                .eventStream { stream in
                    stream.observer = Callbacks(closed: { closed.increment() })
                    stream.send([UInt8]("data: hello\n\n".utf8))
                }
            }
            routes.get("/ws") { _ in
                .webSocket { $0.echo() }
            }
        }
        let folder = try TemporaryFolder()
        let loopback = try #require(IPNetwork("127.0.0.1"))
        try await LiveServer.run(router, configure: { $0.trustedProxies = TrustedProxies([loopback]) }) { live in
            let port = try freePort()
            try folder.write(
                "nginx.conf", Self.configuration(folder: folder, port: port, upstream: live.port))
            let nginx = try ChildProcess([
                try program("nginx", package: "nginx-light"), "-p", folder.file(""), "-c", folder.file("nginx.conf"),
            ])
            var first: RawClient?
            try await eventually("nginx listens: \(nginx.text)") {
                first = try? await RawClient.connect(port: port, group: live.group)
                return first != nil
            }
            let client = try #require(first)
            for _ in 0..<3 {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response().text == "203.0.113.9 https")
            }
            let body = String(repeating: "abc", count: 100_000)
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
            #expect(try await client.response().text == body)

            let stream = try await RawClient.connect(port: port, group: live.group)
            try await stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            try await stream.read(until: "data: hello\n\n")
            try await stream.abort()
            try await eventually("the stream's end is noticed behind the proxy") { closed.value == 1 }

            let channel = try await WebSocketClient.connect(url: "ws://127.0.0.1:\(port)/ws", group: live.group)
            var messages = channel.messages.makeAsyncIterator()
            try await channel.send(text: "through")
            #expect(try await messages.next() == .text("through"))
            await channel.close()
        }
    }
}
