import Core

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Wakes a thread that waits for a socket: a pipe, since that is what `poll` can wait for beside the socket.
final class WakeUp: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let status = unsafe pipe(&ends)
        precondition(status == 0, "the system gives no pipe")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 1
        // A full pipe wakes as well.
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Blocks until there is a signal, until `descriptor` has bytes to read, or for `limit`.
    func wait(for limit: Duration, or descriptor: Int32?) {
        let milliseconds = Int32(clamping: max(.zero, limit).milliseconds)
        var watched = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if let descriptor { watched.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)) }
        _ = unsafe poll(&watched, nfds_t(watched.count), milliseconds)
        guard watched[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 256)
        while unsafe read(readEnd, &bytes, bytes.count) > 0 {}
    }
}
