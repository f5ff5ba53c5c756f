import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

struct CurlTests {
    private static func curl(_ arguments: String...) async throws -> String {
        let curl = try program("curl", package: "curl")
        let process = try ChildProcess([curl, "-sS", "--max-time", "30"] + arguments)
        let status = try await process.exit()
        try #require(status == 0, "\(process.text)")
        try await eventually("its output ends") { process.text.hasSuffix("|end") }
        return String(process.text.dropLast(4))
    }

    private static func router() -> Router {
        Router { routes in
            routes.get("/") { _ in .text("hello") }
            routes.post("/echo") { .text("\($0.body.count)") }
            routes.get("/chunks") { _ in
                Response(
                    body: .produced(length: nil) { writer in
                        for number in 0..<3 { try await writer.write([UInt8]("piece \(number) ".utf8)) }
                    })
            }
        }
    }

    @Test func `curl gets, heads, posts and keeps the connection`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("large", [UInt8](repeating: 7, count: 900_000))
        let file = folder.file("large")
        try await LiveServer.run(Self.router()) { live in
            let base = "http://127.0.0.1:\(live.port)"
            let twice = try await Self.curl("\(base)/", "\(base)/", "-w", " %{num_connects}\n|end")
            #expect(twice == "hello 1\n|endhello 0\n")
            let head = try await Self.curl("-I", "\(base)/", "-w", "|end")
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            let posted = try await Self.curl(
                "-H", "Expect: 100-continue", "--data-binary", "@\(file)", "\(base)/echo", "-w", "|end")
            #expect(posted == "900000")
            let chunked = try await Self.curl(
                "-H", "Transfer-Encoding: chunked", "--data-binary", "@\(file)", "\(base)/echo", "-w", "|end")
            #expect(chunked == "900000")
            #expect(try await Self.curl("\(base)/chunks", "-w", "|end") == "piece 0 piece 1 piece 2 ")
            #expect(try await Self.curl("--http1.0", "\(base)/chunks", "-w", "|end") == "piece 0 piece 1 piece 2 ")
        }
    }
}
