import FoundationEssentials
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A program that a test runs beside itself; ended with the test.
///
/// By `posix_spawn`, since Foundation's `Process` leaks, and hands on the signals that the calling thread has blocked.
final class ChildProcess: Sendable {
    private struct State {
        var status: Int32?
    }

    struct NotStarted: Error { let number: Int32 }

    private let identifier: pid_t
    /// Its output goes to a file there.
    private let folder: TemporaryFolder
    private let state = Mutex(State())

    /// The Python that has what the tests need: `TANDEM_PYTHON`, or `python3` of the path.
    static var python: [String] { [ProcessInfo.processInfo.environment["TANDEM_PYTHON"] ?? "python3"] }

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
        folder = try TemporaryFolder()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, folder.path("output"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process = pid_t()
        let result = unsafe posix_spawnp(&process, command[0], &actions, &attributes, &arguments, environ)
        guard result == 0 else { throw NotStarted(number: result) }
        identifier = process
    }

    deinit {
        guard state.withLock({ $0.status }) == nil else { return }
        kill(identifier, SIGKILL)
        waitpid(identifier, nil, 0)
    }

    /// What it has written so far.
    var text: String {
        let output = unsafe open(folder.path("output"), O_RDONLY)
        guard output >= 0 else { return "" }
        defer { close(output) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        while case let count = unsafe pread(output, &piece, piece.count, off_t(bytes.count)), count > 0 {
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func read(until ending: String) async throws {
        try await eventually("the program writes \(ending.debugDescription); so far: \(text)", within: .seconds(30)) {
            text.contains(ending)
        }
    }

    /// The status that it exited with; negative if a signal ended it.
    func waitForExit() async throws -> Int32 {
        try await eventually("the program ends; so far: \(text)", within: .seconds(60)) { exitStatus() != nil }
        return exitStatus() ?? -1
    }

    private func exitStatus() -> Int32? {
        state.withLock { state in
            var status: Int32 = 0
            if state.status == nil, unsafe waitpid(identifier, &status, WNOHANG) == identifier {
                state.status = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
            }
            return state.status
        }
    }
}
