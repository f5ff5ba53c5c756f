import Foundation
import Synchronization
import Testing

/// A program that a test runs beside itself; ended with the test.
final class ChildProcess: Sendable {
    private let process: Mutex<Process>
    private let output: Box<String>

    /// The Python that has what the tests need: `TANDEM_PYTHON`, or `python3` of the path.
    static var python: [String] {
        [ProcessInfo.processInfo.environment["TANDEM_PYTHON"] ?? "python3"]
    }

    /// Fails with the command that installs it when the module isn't there.
    static func requirePythonModule(_ name: String) async throws {
        let check = try ChildProcess(python + ["-c", "import \(name)"])
        let status = try await check.waitForExit()
        try #require(
            status == 0,
            """
            Python's module \(name) is missing. Run: python3 -m venv .venv && .venv/bin/pip install \(name), \
            then set TANDEM_PYTHON=.venv/bin/python
            """)
    }

    init(_ command: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let output = Box("")
        self.output = output
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            let text = String(decoding: data, as: UTF8.self)
            output.change { $0 += text }
        }
        try process.run()
        self.process = Mutex(process)
    }

    /// By the one signal that can't be held back: a child inherits the signals that this thread has blocked.
    deinit { process.withLock { if $0.isRunning { _ = kill($0.processIdentifier, SIGKILL) } } }

    /// What it has written so far.
    var text: String { output.value }

    func read(until ending: String) async throws {
        try await eventually("the program writes \(ending.debugDescription); so far: \(text)", within: .seconds(30)) {
            text.contains(ending)
        }
    }

    func waitForExit() async throws -> Int32 {
        try await eventually("the program ends; so far: \(text)", within: .seconds(60)) {
            process.withLock { !$0.isRunning }
        }
        return process.withLock { $0.terminationStatus }
    }
}
