import Core
import EventLoop
import Foundation
import Testing
import Web
import Wire

@Suite struct CurlTests {
    private static func curl(_ arguments: String...) async throws -> String {
        let process = try ChildProcess(["curl", "-sS", "--max-time", "30"] + arguments)
        let status = try await process.waitForExit()
        try #require(status == 0, "curl failed (install it with: apt-get install curl): \(process.text)")
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
        let file = FileManager.default.temporaryDirectory.appending(path: "tandem-curl-\(Identifier.random())")
        try Data(repeating: 7, count: 900_000).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await LiveServer.run(Self.router()) { live in
            let base = "http://127.0.0.1:\(live.port)"
            let twice = try await Self.curl("\(base)/", "\(base)/", "-w", " %{num_connects}\n|end")
            #expect(twice == "hello 1\n|endhello 0\n")
            let head = try await Self.curl("-I", "\(base)/", "-w", "|end")
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            let posted = try await Self.curl(
                "-H", "Expect: 100-continue", "--data-binary", "@\(file.path)", "\(base)/echo", "-w", "|end")
            #expect(posted == "900000")
            let chunked = try await Self.curl(
                "-H", "Transfer-Encoding: chunked", "--data-binary", "@\(file.path)", "\(base)/echo", "-w", "|end")
            #expect(chunked == "900000")
            #expect(try await Self.curl("\(base)/chunks", "-w", "|end") == "piece 0 piece 1 piece 2 ")
            #expect(try await Self.curl("--http1.0", "\(base)/chunks", "-w", "|end") == "piece 0 piece 1 piece 2 ")
        }
    }
}
