import Core
import FoundationEssentials
import Synchronization
import Testing
import TestSupport

struct LogTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func log(_ format: Log.Format, _ level: Log.Level = .info) -> Log {
            Log(label: "test", minimum: level, format: format, time: ManualTime(Date(timeIntervalSince1970: 0)).source)
            {
                line in
                self.lines.withLock { $0.append(line) }
            }
        }
    }

    @Test func `a line holds time, level, label, event and facts`() {
        let lines = Lines()
        lines.log(.text).info("listening", ["port": "8080", "host": "127.0.0.1"])
        #expect(lines.all == ["1970-01-01T00:00:00.000Z info test: listening port=8080 host=127.0.0.1"])
    }

    @Test func `a value from outside can't forge a second line`() {
        let lines = Lines()
        lines.log(.text).info("path", ["path": "/a\n1970 error test: forged \"x\""])
        #expect(lines.all.count == 1)
        #expect(!lines.all[0].contains("\n"))
        #expect(lines.all[0].contains(#"path="/a\n1970 error test: forged \"x\"""#))
    }

    @Test func `the JSON form can be read by a JSON parser`() throws {
        let lines = Lines()
        lines.log(.json).warning("odd", ["value": "tab\t quote\" bell\u{7} ü"])
        let fields = try JSONDecoder().decode([String: String].self, from: Data(lines.all[0].utf8))
        #expect(fields["event"] == "odd")
        #expect(fields["level"] == "warning")
        #expect(fields["value"] == "tab\t quote\" bell\u{7} ü")
    }

    @Test func `what is below the level isn't written`() {
        let lines = Lines()
        let log = lines.log(.text, .warning)
        log.debug("a")
        log.info("b")
        log.warning("c")
        log.error("d")
        #expect(lines.all.count == 2)
    }

    @Test(arguments: Log.Format.allCases)
    func `a value that is too long is cut`(_ format: Log.Format) {
        let lines = Lines()
        lines.log(format).info("path", ["path": String(repeating: "é", count: 8000), "next": "kept"])
        #expect(lines.all[0].utf8.count < 1200)
        #expect(lines.all[0].contains("é…") && lines.all[0].contains("kept"))
    }
}
