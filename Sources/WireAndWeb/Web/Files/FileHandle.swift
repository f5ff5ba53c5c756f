#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An open regular file, closed when it is released. Its calls may block.
final class FileHandle: StaticFile {
    enum Fault: Error { case unreadable(Int32), shorterThanExpected }

    private let descriptor: Int32
    let length: Int
    let modified: Int64?
    let version: String

    /// The file of that name below `folder`, nil if there is none that may be served. Goes from part to part without following
    /// symbolic links, so that nothing that changes meanwhile leads elsewhere.
    static func open(_ path: String, under folder: String) -> FileHandle? {
        descend(path, under: folder, flags: O_RDONLY | O_NONBLOCK).flatMap(FileHandle.init)
    }

    static func isFolder(_ path: String, under folder: String) -> Bool {
        guard let descriptor = descend(path, under: folder, flags: O_RDONLY | O_DIRECTORY) else { return false }
        close(descriptor)
        return true
    }

    private static func descend(_ path: String, under folder: String, flags: Int32) -> Int32? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("\0") && !$0.contains("\\") }) else {
            return nil
        }
        var current = unsafe openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for (index, part) in parts.enumerated() where current >= 0 {
            let isLast = index == parts.count - 1
            let next = unsafe openat(
                current, String(part), (isLast ? flags : O_RDONLY | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC)
            close(current)
            current = next
        }
        return current >= 0 ? current : nil
    }

    private init?(_ descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        length = Int(status.st_size)
        #if canImport(Glibc)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        modified = Int64(time.tv_sec)
        version =
            String(time.tv_sec, radix: 36) + String(time.tv_nsec, radix: 36) + "-"
            + String(status.st_size, radix: 36)
    }

    deinit { close(descriptor) }

    func read(_ range: Range<Int>) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let result = unsafe pread(
                    descriptor, buffer.baseAddress! + count, range.count - count, off_t(range.lowerBound + count))
                if result < 0, errno == EINTR { continue }
                guard result >= 0 else { throw Fault.unreadable(errno) }
                guard result > 0 else { throw Fault.shorterThanExpected }
                count += result
            }
        }
    }
}
