#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Claims a file for this process, until released or until the process ends in whatever way.
///
/// It's a file beside the database: closing any descriptor of the database itself would drop SQLite's own locks on it
/// (https://www.sqlite.org/howtocorrupt.html, 2.2).
struct FileLock: ~Copyable {
    private let descriptor: Int32

    init(path: String) throws {
        // `self` is only initialised at the end: if this throws after that, deinit would close the descriptor as well.
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            let code = errno
            throw StoreError(
                .unavailable, "The database's folder can't be written; check that it exists and its permissions.",
                cause: unsafe "\(path): \(String(cString: strerror(code)))")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw StoreError(
                .busy, "Another process has this database open; end it, or give this one a folder of its own.",
                cause: path)
        }
        descriptor = file
    }

    deinit {
        // Closing alone isn't enough: a child process that's just being spawned still shares the descriptor.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
