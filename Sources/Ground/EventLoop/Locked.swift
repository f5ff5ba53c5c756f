import CLibuv

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A value behind a lock, for what several threads share for a moment.
///
/// A pthread lock, not `Synchronization.Mutex`, because ThreadSanitizer understands only the former, and what crosses
/// threads here is what it should watch.
///
/// `@unchecked`: the value is reached only by `withLock`, by one thread at a time.
@safe final class Locked<Value>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    init(_ value: Value) {
        unsafe lock = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        let result = unsafe pthread_mutex_init(lock, nil)
        precondition(result == 0)
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deinitialize(count: 1)
        unsafe lock.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
