import Core
import FoundationEssentials
import Testing
import TestSupport
import Web
import Wire

struct StaticFilesTests {
    /// A folder with a few files, and secrets beside it.
    private static func withSite(_ body: (Router) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        for (name, text) in [
            ("secret.txt", "secret"), ("site/index.html", "<p>home"), ("site/sub/index.html", "<p>sub"),
            ("site/app.js", "let a = 1"), ("site/app.js.gz", "gzipped"), ("site/app.js.br", "brotli"),
            ("site/digits.txt", "0123456789"), ("site/empty.txt", ""), ("site/.hidden", "secret"),
        ] { try folder.write(name, text) }
        try folder.write("site/large.bin", (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let site = folder.file("site")
        let files = FileManager.default
        try files.createSymbolicLink(atPath: site + "/link.txt", withDestinationPath: folder.file("secret.txt"))
        try files.createSymbolicLink(atPath: site + "/up", withDestinationPath: folder.path)
        let router = Router { routes in
            routes.files("/", StaticFiles(FileFolder(site)))
            routes.files("/assets", StaticFiles(FileFolder(site)))
        }
        try await body(router)
    }

    @Test(arguments: Transport.allCases) func `files are served with their types and validators`(
        _ transport: Transport
    ) async throws {
        try await Self.withSite { router in
            try await transport.run(router) { ask in
                for (target, type, body) in [
                    ("/", "text/html; charset=utf-8", "<p>home"),
                    ("/index.html", "text/html; charset=utf-8", "<p>home"),
                    ("/sub/", "text/html; charset=utf-8", "<p>sub"),
                    ("/assets/app.js", "text/javascript; charset=utf-8", "let a = 1"),
                    ("/digits.txt", "text/plain; charset=utf-8", "0123456789"),
                    ("/empty.txt", "text/plain; charset=utf-8", ""),
                ] {
                    let response = try await ask(target)
                    #expect(response.status == 200, "\(target)")
                    #expect(response.header("content-type") == type, "\(target)")
                    #expect(response.text == body, "\(target)")
                    #expect(response.header("cache-control") == "no-cache")
                    #expect(response.header("etag") != nil)
                    #expect(response.header("last-modified")?.hasSuffix("GMT") == true)
                }
                let folder = try await ask("/sub")
                #expect(folder.status == 308)
                #expect(folder.header("location") == "/sub/")
                let head = try await ask("HEAD", "/digits.txt")
                #expect(head.header("content-length") == "10")
                let large = try await ask("/large.bin")
                #expect(large.body == (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) })
                let posted = try await ask("POST", "/digits.txt")
                #expect(posted.status == 405)
            }
        }
    }

    @Test(arguments: Transport.allCases) func `what a client has already isn't sent again`(
        _ transport: Transport
    ) async throws {
        try await Self.withSite { router in
            try await transport.run(router) { ask in
                let first = try await ask("/digits.txt")
                let tag = try #require(first.header("etag"))
                let date = try #require(first.header("last-modified"))
                for headers: Headers in [
                    ["if-none-match": tag], ["if-none-match": "\"x\", W/\(tag)"], ["if-none-match": "*"],
                    ["if-modified-since": date],
                ] {
                    let again = try await ask("GET", "/digits.txt", headers: headers)
                    #expect(again.status == 304)
                    #expect(again.body.isEmpty)
                    #expect(again.header("etag") == tag)
                }
                let other = try await ask(
                    "GET", "/digits.txt", headers: ["if-none-match": "\"x\"", "if-modified-since": date])
                #expect(other.status == 200)
            }
        }
    }

    @Test(arguments: Transport.allCases) func `a part of a file can be asked for`(_ transport: Transport) async throws {
        try await Self.withSite { router in
            try await transport.run(router) { ask in
                for (range, status, body, field) in [
                    ("bytes=0-3", 206, "0123", "bytes 0-3/10"), ("bytes=8-", 206, "89", "bytes 8-9/10"),
                    ("bytes=-3", 206, "789", "bytes 7-9/10"), ("bytes=-99", 206, "0123456789", "bytes 0-9/10"),
                    ("bytes=5-99999999999999999999", 206, "56789", "bytes 5-9/10"),
                    ("bytes=0-1,3-4", 200, "0123456789", nil), ("lines=1-2", 200, "0123456789", nil),
                    ("bytes=4-2", 200, "0123456789", nil), ("bytes=a-b", 200, "0123456789", nil),
                    ("bytes=10-", 416, nil, "bytes */10"), ("bytes=-0", 416, nil, "bytes */10"),
                ] as [(String, Int, String?, String?)] {
                    let response = try await ask("GET", "/digits.txt", headers: ["range": range])
                    #expect(response.status == status, "\(range)")
                    if let body { #expect(response.text == body, "\(range)") }
                    #expect(response.header("content-range") == field, "\(range)")
                }
                let tag = try #require(try await ask("/digits.txt").header("etag"))
                let same = try await ask("GET", "/digits.txt", headers: ["range": "bytes=0-0", "if-range": tag])
                #expect(same.status == 206)
                let changed = try await ask("GET", "/digits.txt", headers: ["range": "bytes=0-0", "if-range": "\"x\""])
                #expect(changed.status == 200)
                let large = try await ask("GET", "/large.bin", headers: ["range": "bytes=100-2000099"])
                #expect(large.status == 206)
                #expect(large.body == (100..<2_000_100).map { UInt8(truncatingIfNeeded: $0 &* 7) })
                let empty = try await ask("GET", "/empty.txt", headers: ["range": "bytes=0-0"])
                #expect(empty.status == 416)
            }
        }
    }

    @Test(arguments: Transport.allCases) func `compressed forms are sent to clients that accept them`(
        _ transport: Transport
    ) async throws {
        try await Self.withSite { router in
            try await transport.run(router) { ask in
                for (accepts, encoding, body) in [
                    ("gzip, br", "br", "brotli"), ("gzip;q=0.5", "gzip", "gzipped"),
                    ("br;q=0, gzip", "gzip", "gzipped"),
                    ("identity", nil, "let a = 1"),
                ] as [(String, String?, String)] {
                    let response = try await ask("GET", "/app.js", headers: ["accept-encoding": accepts])
                    #expect(response.header("content-encoding") == encoding, "\(accepts)")
                    #expect(response.text == body)
                    #expect(response.header("vary") == "Accept-Encoding")
                    #expect(response.header("content-type") == "text/javascript; charset=utf-8")
                }
                let plain = try await ask("/app.js").header("etag")
                let zipped = try await ask("GET", "/app.js", headers: ["accept-encoding": "gzip"]).header("etag")
                #expect(plain != zipped)
            }
        }
    }

    @Test(arguments: Transport.allCases) func `nothing outside the folder can be reached`(
        _ transport: Transport
    ) async throws {
        try await Self.withSite { router in
            try await transport.run(router) { ask in
                for target in [
                    "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub/..%2f..%2fsecret.txt",
                    "/sub/%2e%2e/%2e%2e/secret.txt", "/link.txt", "/up/secret.txt", "/up/", "/.hidden", "/%2ehidden",
                    "/sub/../.hidden", "//etc/passwd", "/%2fetc/passwd", "/digits.txt%00.html", "/digits.txt/",
                    "/..%5csecret.txt", "/nothing.txt", "/assets/../secret.txt", "/digits.txt/x",
                ] {
                    let response = try await ask(target)
                    #expect([400, 404].contains(response.status), "\(target)")
                    #expect(!response.text.contains("secret\n") && response.text != "secret", "\(target)")
                }
            }
        }
    }

    @Test(arguments: Transport.allCases) func `files that the program carries are served like others`(
        _ transport: Transport
    ) async throws {
        let files = MemoryFiles([
            "index.html": [UInt8]("<p>home".utf8), "sub/index.html": [UInt8]("<p>sub".utf8),
            "sub/deep/digits.txt": [UInt8]("0123456789".utf8),
        ])
        let router = Router { routes in
            routes.files("/", StaticFiles(files))
            routes.files("/deep", StaticFiles(files.below("sub").below("deep")))
        }
        try await transport.run(router) { ask in
            for (target, body) in [("/", "<p>home"), ("/sub/", "<p>sub"), ("/deep/digits.txt", "0123456789")] {
                let response = try await ask(target)
                #expect(response.status == 200 && response.text == body, "\(target)")
                let tag = try #require(response.header("etag"))
                #expect(response.header("last-modified") == nil)
                let again = try await ask("GET", target, headers: ["if-none-match": tag])
                #expect(again.status == 304 && again.text.isEmpty, "\(target)")
            }
            let part = try await ask("GET", "/deep/digits.txt", headers: ["range": "bytes=2-4"])
            #expect(part.status == 206 && part.text == "234")
            #expect(try await ask("/sub").status == 308)
            for target in ["/deep/", "/sub/deep", "/nothing", "/sub/deep/digits.txt/", "/deep/%2e%2e/index.html"] {
                #expect([400, 404, 308].contains(try await ask(target).status), "\(target)")
            }
        }
    }
}
