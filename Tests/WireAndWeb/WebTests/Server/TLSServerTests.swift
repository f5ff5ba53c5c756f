import Core
import Crypto
import EventLoop
import Testing
import Web
import Wire

@Suite struct TLSServerTests {
    /// A certificate for `localhost`, its own authority.
    private static func certificate(in folder: TemporaryFolder) async throws {
        let openssl = try ChildProcess([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", folder.path("key.pem"), "-out", folder.path("cert.pem"),
        ])
        let status = try await openssl.waitForExit()
        try #require(status == 0, "openssl failed (install it with: apt-get install openssl): \(openssl.text)")
    }

    @Test func `requests, streams and WebSockets work over TLS`() async throws {
        let folder = try TemporaryFolder()
        try await Self.certificate(in: folder)
        let server = try TLSContext.server(certificate: folder.path("cert.pem"), key: folder.path("key.pem"))
        let client = try TLSContext.client(authorities: .file(folder.path("cert.pem")))
        let closed = Box(0)
        let router = Router { routes in
            routes.get("/") { .text("\($0.scheme) \($0.isSecure)") }
            routes.get("/large") { _ in .bytes([UInt8](repeating: 0x61, count: 3 << 20), type: "text/plain") }
            routes.get("/stream") { _ in
                .eventStream { stream in
                    stream.observer = Callbacks(closed: { closed.increment() })
                    stream.send([UInt8]("data: hello\n\n".utf8))
                }
            }
            routes.get("/echo") { _ in
                .webSocket { $0.echo() }
            }
        }
        try await LiveServer.run(router, configure: { $0.tls = server }) { live in
            let base = "https://localhost:\(live.port)"
            let arguments = ["curl", "-sS", "--max-time", "30", "--cacert", folder.path("cert.pem")]
            let plain = try ChildProcess(arguments + ["\(base)/", "-w", "|end"])
            try await plain.read(until: "|end")
            #expect(plain.text == "https true|end")
            let large = try ChildProcess(
                arguments + ["\(base)/large", "-o", "/dev/null", "-w", "%{size_download}|end"])
            try await large.read(until: "|end")
            #expect(large.text == "\(3 << 20)|end")
            do {
                let stream = try ChildProcess(arguments + ["-N", "\(base)/stream"])
                try await stream.read(until: "data: hello\n\n")
                #expect(closed.value == 0)
            }
            try await eventually("the stream's end is noticed") { closed.value == 1 }

            let channel = try await WebSocketClient.connect(
                url: "wss://localhost:\(live.port)/echo", group: live.group, tls: client)
            var messages = channel.messages.makeAsyncIterator()
            let text = String(repeating: "secret ", count: 20_000)
            try await channel.send(text: text)
            #expect(try await messages.next() == .text(text))
            await channel.close()

            await #expect(throws: TLSError.self) {
                try await WebSocketClient.connect(url: "wss://localhost:\(live.port)/echo", group: live.group)
            }
        }
    }
}
