import Core
import Foundation
import Testing
import TestSupport

struct LogWriterTests {
    private let pipe = Pipe()

    private func writer(limit: Int) -> LogWriter {
        LogWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, limit: limit)
    }

    /// What comes out of the pipe until a line satisfies the condition.
    private func lines(until isLast: (String) -> Bool) throws -> [String] {
        var lines: [String] = []
        var bytes: [UInt8] = []
        while true {
            bytes += pipe.fileHandleForReading.availableData
            while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(String(decoding: bytes[..<end], as: UTF8.self))
                bytes.removeFirst(end + 1)
                if isLast(lines[lines.count - 1]) { return lines }
            }
        }
    }

    @Test func `a reader that stalls holds nobody up, and one line says how many it has missed`() throws {
        let writer = writer(limit: 4096)
        let log = Log(label: "test", writer: writer)
        // More than the pipe and the queue hold.
        for number in 0..<20_000 { log.info("line", ["number": "\(number)"]) }
        let lost = writer.droppedLines
        #expect(lost > 0)
        // One report each time that the queue had been full; the last when the reader is back.
        var reported = 0
        let read = try lines { line in
            if line.contains("lines were dropped") { reported += Int(line.split(separator: "=").last ?? "") ?? 0 }
            return reported == lost
        }
        #expect(read.count { $0.contains("number=") } == 20_000 - lost)
        log.info("after")
        #expect(try lines { $0.hasSuffix("after") }.count == 1)
    }

    @Test func `lines come whole and in order from several threads`() async throws {
        let writer = writer(limit: 8 << 20)
        async let read = Task.detached { [self] in try lines { $0 == "end" } }.value
        await withTaskGroup(of: Void.self) { group in
            for name in 0..<8 {
                group.addTask {
                    for number in 0..<500 { writer.write("\(name) \(number) " + String(repeating: "x", count: 300)) }
                }
            }
        }
        writer.write("end")
        let fields = try await read.dropLast().map { $0.split(separator: " ") }
        #expect(fields.count == 4000)
        for name in 0..<8 {
            let own = fields.filter { $0[0] == "\(name)" }
            #expect(own.map { $0[1] } == (0..<500).map { "\($0)" })
            #expect(own.allSatisfy { $0[2].count == 300 })
        }
    }

    @Test func `flushing waits for the last line, but not for a reader that stalls`() throws {
        let writer = writer(limit: 1 << 20)
        for _ in 0..<100 { writer.write("short") }
        writer.write("last")
        writer.flush(within: .seconds(30))
        #expect(try lines { $0 == "last" }.count == 101)
        for _ in 0..<1000 { writer.write(String(repeating: "x", count: 500)) }
        writer.flush(within: .seconds(1))
    }

    @Test func `a reader that has gone is as good as one that stalls`() {
        signal(SIGPIPE, SIG_IGN)
        let writer = writer(limit: 1 << 20)
        try? pipe.fileHandleForReading.close()
        for _ in 0..<10 { writer.write("nobody reads this") }
        writer.flush(within: .seconds(30))
        #expect(writer.droppedLines == 10)
    }
}
