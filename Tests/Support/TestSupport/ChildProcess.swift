import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A program that a test has started. It ends when the test asks for it, when this object goes, or when the test's process ends,
/// in whatever way.
///
/// By `posix_spawn`, since Foundation's `Process` leaks, and hands on the signals that the calling thread has blocked.
package final class ChildProcess: Sendable {
    package let pid: Int32
    private let output: String
    /// Where the output is unless the test names another place.
    private let folder: TemporaryFolder?
    /// As long as this end of a pipe is open, the program may run.
    private let leash: Int32
    private let isRunning = Mutex(true)
    private let ending = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - command: words for `exec`; the program is looked for in `PATH`, and must not detach itself.
    ///   - environment: variables beside those of the test's process.
    ///   - directory: where it works, if not where the test does.
    ///   - output: the file to which its output is appended, if not one of this object's own.
    /// - Throws: `TestServerError` if no process can be started.
    package init(
        _ command: [String], environment: [String: String] = [:], in directory: String? = nil, output: String? = nil
    ) throws {
        folder = output == nil ? try TemporaryFolder() : nil
        let output = output ?? folder?.file("output.txt") ?? "/dev/null"
        self.output = output
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw TestServerError("no pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        leash = ends[1]
        // The watcher has no other file open, above all not the leash of another test.
        let script = #"(read _ <&3; kill -9 $$) >/dev/null 2>&1 </dev/null & cd "$0"; exec "$@" 3<&- </dev/null"#
        let words = ["/bin/sh", "-c", script, directory ?? "."] + command
        let settings = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var process = pid_t()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[0], 3)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let texts: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] =
            unsafe settings.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            unsafe texts.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
            unsafe posix_spawnattr_destroy(&attributes)
            unsafe posix_spawn_file_actions_destroy(&actions)
            close(ends[0])
        }
        let status = unsafe posix_spawn(&process, "/bin/sh", &actions, &attributes, texts, variables)
        guard status == 0 else { throw TestServerError("\(command[0]) can't be started: \(status)") }
        pid = process
    }

    deinit {
        end(SIGKILL)
        close(leash)
    }

    /// Sends a signal and waits until the program has ended. Harmless if it has.
    package func end(_ signal: Int32 = SIGKILL) {
        isRunning.withLock { isRunning in
            guard isRunning else { return }
            isRunning = false
            kill(pid, SIGCONT)
            kill(pid, signal)
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
    }

    /// Stops the program without ending it: it keeps its connections and sends nothing on them.
    package func freeze() {
        isRunning.withLock { isRunning in
            guard isRunning else { return }
            kill(pid, SIGSTOP)
            // Until all its threads stand still.
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, WUNTRACED) < 0, errno == EINTR {}
        }
    }

    package func thaw() { kill(pid, SIGCONT) }

    /// What it has written so far.
    package var text: String { String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self) }

    /// Whether it has ended by itself.
    package var hasEnded: Bool { isRunning.withLock { look(&$0, WNOHANG) } }

    /// The status that it exited with, by itself; negative if a signal ended it.
    package var status: Int32? { ending.withLock { $0 } }

    /// Returns the status that it exits with, negative if a signal ends it.
    ///
    /// - Throws: `DidNotHappen` when it takes too long.
    package func exit(within limit: Duration = .seconds(60)) async throws -> Int32 {
        try await eventually("the program ends; so far: \(text)", within: limit) { hasEnded }
        return status ?? -1
    }

    /// The same for what takes a moment only: blocks the thread.
    package func blockingExit() -> Int32 {
        _ = isRunning.withLock { look(&$0, 0) }
        return status ?? -1
    }

    /// Returns once the program has written `ending`.
    ///
    /// - Throws: `DidNotHappen` when it takes too long.
    package func wrote(_ ending: String) async throws {
        try await eventually("the program writes \(ending.debugDescription); so far: \(text)", within: .seconds(30)) {
            text.contains(ending)
        }
    }

    private func look(_ isRunning: inout Bool, _ options: Int32) -> Bool {
        guard isRunning else { return true }
        var status: Int32 = 0
        var found = unsafe waitpid(pid, &status, options)
        while found < 0, errno == EINTR { found = unsafe waitpid(pid, &status, options) }
        guard found == pid else { return false }
        isRunning = false
        ending.withLock { $0 = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F) }
        return true
    }
}
