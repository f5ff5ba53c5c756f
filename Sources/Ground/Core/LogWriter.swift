import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Writes lines to a descriptor on a thread of its own, so that nobody who logs waits for whoever reads the log.
///
/// A bounded number of bytes waits for the reader. Lines beyond that are dropped and counted; once the reader has taken what
/// waited, one line says how many are missing.
///
/// `@unchecked`: what isn't constant is used under the lock only. A pthread lock because waiting needs condition variables.
@safe package final class LogWriter: @unchecked Sendable {
    /// Says in a line how many are missing before it.
    package typealias LossReport = @Sendable (_ count: Int) -> String

    private struct State {
        var waiting: [UInt8] = []
        /// Lines that were dropped since that was last said, and how to say it.
        var lost = 0
        var report: LossReport?
        var hasThread = false
        /// Whether the thread holds lines that it hasn't written.
        var isWriting = false
    }

    package static let standardError = LogWriter(descriptor: STDERR_FILENO)

    /// What a pipe takes whole, also from several processes that share it (PIPE_BUF on Linux).
    private static let atomicBytes = 4096
    private static let keptCapacity = 64 * 1024

    private let descriptor: Int32
    private let limit: Int
    private let dropped = Atomic<Int>(0)
    private var state = State()
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    /// Signalled when there is something to write.
    private let filled: UnsafeMutablePointer<pthread_cond_t>
    /// Signalled when all has been written.
    private let emptied: UnsafeMutablePointer<pthread_cond_t>

    /// - Parameters:
    ///   - descriptor: must stay open; may be blocking.
    ///   - limit: how many bytes may wait.
    package init(descriptor: Int32, limit: Int = 1024 * 1024) {
        self.descriptor = descriptor
        self.limit = limit
        unsafe lock = .allocate(capacity: 1)
        unsafe filled = .allocate(capacity: 1)
        unsafe emptied = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(filled, nil)
        unsafe pthread_cond_init(emptied, nil)
    }

    deinit {
        // The thread keeps its writer, so there is none.
        unsafe pthread_mutex_destroy(lock)
        unsafe pthread_cond_destroy(filled)
        unsafe pthread_cond_destroy(emptied)
        unsafe lock.deallocate()
        unsafe filled.deallocate()
        unsafe emptied.deallocate()
    }

    /// How many lines were never written.
    package var droppedLines: Int { dropped.load(ordering: .relaxed) }

    /// Adds a line, which has no line feed. Never waits for the reader.
    ///
    /// - Parameter report: says how many lines are missing, if this one is the last of them.
    package func write(_ line: String, reportingLoss report: @escaping LossReport = { "\($0) lines are missing" }) {
        let startsThread = withLock { state -> Bool in
            guard state.waiting.count + line.utf8.count < limit else {
                state.lost += 1
                state.report = report
                dropped.add(1, ordering: .relaxed)
                return false
            }
            if state.waiting.isEmpty { unsafe pthread_cond_signal(filled) }
            state.waiting += line.utf8
            state.waiting.append(UInt8(ascii: "\n"))
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if startsThread { startThread { self.run() } }
    }

    /// Waits until every line has been written, but no longer than `timeout`: for the end of the program. Blocks its thread.
    package func flush(within timeout: Duration) {
        var deadline = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += Int(timeout.components.seconds)
        withLock { state in
            while state.isWriting || !state.waiting.isEmpty {
                guard unsafe pthread_cond_timedwait(emptied, lock, &deadline) == 0 else { return }
            }
        }
    }

    private func run() {
        var lines: [UInt8] = []
        while true {
            let loss = withLock { state -> (count: Int, report: LossReport)? in
                state.isWriting = false
                while state.waiting.isEmpty {
                    unsafe pthread_cond_broadcast(emptied)
                    unsafe pthread_cond_wait(filled, lock)
                }
                state.isWriting = true
                swap(&state.waiting, &lines)
                defer { (state.lost, state.report) = (0, nil) }
                return state.report.map { (state.lost, $0) }
            }
            put(lines)
            // What was lost came after what waited.
            if let loss { put(Array((loss.report(loss.count) + "\n").utf8)) }
            lines.removeAll(keepingCapacity: lines.capacity <= Self.keptCapacity)
        }
    }

    /// Writes whole lines, several at once as long as they can't be torn apart.
    private func put(_ lines: [UInt8]) {
        var start = 0
        while start < lines.count {
            let limit = min(start + Self.atomicBytes, lines.count)
            let end =
                lines[start..<limit].lastIndex(of: UInt8(ascii: "\n"))
                ?? lines[limit...].firstIndex(of: UInt8(ascii: "\n")) ?? lines.count - 1
            guard put(lines[start...end]) else {
                dropped.add(lines[start...].count { $0 == UInt8(ascii: "\n") }, ordering: .relaxed)
                return
            }
            start = end + 1
        }
    }

    /// Returns false when nobody can be reached.
    private func put(_ bytes: ArraySlice<UInt8>) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let piece = unsafe UnsafeRawBufferPointer(rebasing: rest)
                let count = unsafe systemWrite(descriptor, piece.baseAddress, piece.count)
                if count >= 0 {
                    unsafe rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe systemPoll(&poll, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    private func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return body(&state)
    }
}

/// `write` of the system, beside the method of that name.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe write(descriptor, bytes, count)
}

private func systemPoll(_ descriptors: UnsafeMutablePointer<pollfd>, _ count: nfds_t, _ timeout: Int32) -> Int32 {
    unsafe poll(descriptors, count, timeout)
}
