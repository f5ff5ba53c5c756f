import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A program that a test has started. It ends when the test says so, when this object goes, or when the test's process
/// ends in whatever way.
package final class ServerProcess: Sendable {
    package let pid: Int32
    package let output: String
    /// As long as this end of a pipe is open, the program may run.
    private let leash: Int32
    private let isRunning = Mutex(true)
    private let ending = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - command: words for `exec`; the program must not detach itself.
    ///   - output: the file for what it writes.
    package init(_ command: [String], environment: [String: String] = [:], output: String) throws {
        self.output = output
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw TestServerError("no pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        leash = ends[1]
        // The watcher has no other file open, above all not the leash of another test.
        let script = #"(read _ <&3; kill -9 $$) >/dev/null 2>&1 </dev/null & exec "$@" 3<&- </dev/null"#
        let words = ["/bin/sh", "-c", script, "sh"] + command
        let settings = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var process = pid_t()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[0], 3)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let texts: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] =
            unsafe settings.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            unsafe texts.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
            unsafe posix_spawn_file_actions_destroy(&actions)
            close(ends[0])
        }
        let status = unsafe posix_spawn(&process, "/bin/sh", &actions, nil, texts, variables)
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

    /// Stops the program without ending it: it keeps its connections and says nothing on them.
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

    /// What it has written.
    package var text: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// What it ended with by itself: 0 if all went well.
    package var status: Int32? { ending.withLock { $0 } }

    /// Whether it has ended by itself.
    package var hasEnded: Bool {
        isRunning.withLock { isRunning in
            guard isRunning else { return true }
            var status: Int32 = 0
            guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return false }
            isRunning = false
            ending.withLock { $0 = status }
            return true
        }
    }
}

package struct TestServerError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Where a program is, or an error that says how to install it.
package func program(_ name: String, package: String) throws -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for folder in folders + ["/usr/sbin", "/usr/local/sbin"]
    where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
        return "\(folder)/\(name)"
    }
    throw TestServerError("\(name) is not installed: apt-get install \(package)")
}

/// A port of 127.0.0.1 that nobody listens on now.
package func freePort() throws -> Int {
    #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let done = unsafe withUnsafeMutableBytes(of: &address) { bytes in
        let pointer = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
        return unsafe bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
    }
    guard done else { throw TestServerError("no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// Waits for a condition, at most `seconds`.
package func wait(
    seconds: Int = 20, for what: String, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw TestServerError("\(what) did not happen within \(seconds) s")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
