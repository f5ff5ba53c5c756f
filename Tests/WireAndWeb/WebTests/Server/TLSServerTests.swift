import Core
import Crypto
import EventLoop
import Testing
import TestSupport
import Web
import Wire

struct TLSServerTests {
    @Test func `requests, streams and WebSockets work over TLS`() async throws {
        let certificate = try CertificateFiles()
        let files = certificate.files
        let server = try TLSContext.server(certificate: files.certificate, key: files.key)
        let client = try TLSContext.client(authorities: .file(files.authority))
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
            let arguments = ["curl", "-sS", "--max-time", "30", "--cacert", files.authority]
            let plain = try ChildProcess(arguments + ["\(base)/", "-w", "|end"])
            try await plain.wrote("|end")
            #expect(plain.text == "https true|end")
            let large = try ChildProcess(
                arguments + ["\(base)/large", "-o", "/dev/null", "-w", "%{size_download}|end"])
            try await large.wrote("|end")
            #expect(large.text == "\(3 << 20)|end")
            do {
                let stream = try ChildProcess(arguments + ["-N", "\(base)/stream"])
                try await stream.wrote("data: hello\n\n")
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
