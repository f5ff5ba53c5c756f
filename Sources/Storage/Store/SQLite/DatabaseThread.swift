import Core
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A thread of its own that runs the jobs of one actor in order, so that what blocks in a database blocks nothing else.
///
/// The thread keeps this object alive until `stop`. Its owner calls that once, when nothing can enqueue any more (an
/// actor's deinit): what has been enqueued before is still run.
@safe final class DatabaseThread: SerialExecutor, @unchecked Sendable {
    // Unchecked: `jobs`, `idle` and `stopping` are only touched with `lock` held; the two pointers never change and live as
    // long as this object does. A pthread lock because waiting needs a condition variable.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>
    private let identity = Atomic<UInt>(0)
    private var jobs: [UnownedJob] = []
    private var idle: @Sendable () -> Void = {}
    private var stopping = false

    init() {
        unsafe lock = .allocate(capacity: 1)
        unsafe wake = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(wake, nil)
        // Keeps this object.
        startThread { self.run() }
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe pthread_cond_destroy(wake)
        unsafe lock.deallocate()
        unsafe wake.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        unsafe pthread_mutex_lock(lock)
        precondition(!stopping, "a job for a database thread that has been stopped")
        let isFirst = jobs.isEmpty
        jobs.append(job)
        unsafe pthread_mutex_unlock(lock)
        // With the lock released, so that the thread doesn't wake up to wait for it.
        if isFirst { unsafe pthread_cond_signal(wake) }
    }

    /// Calls `idle` on this thread each time that no more jobs wait, before the thread does.
    func whenIdle(_ idle: @escaping @Sendable () -> Void) {
        unsafe pthread_mutex_lock(lock)
        self.idle = idle
        unsafe pthread_mutex_unlock(lock)
    }

    func stop() {
        unsafe pthread_mutex_lock(lock)
        stopping = true
        unsafe pthread_cond_signal(wake)
        unsafe pthread_mutex_unlock(lock)
    }

    func checkIsolated() { precondition(isCurrent, "this is not the database's thread") }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool { identity.load(ordering: .relaxed) == Self.currentThread() }

    private static func currentThread() -> UInt {
        #if canImport(Glibc)
            UInt(pthread_self())
        #else
            unsafe UInt(bitPattern: pthread_self())
        #endif
    }

    private func run() {
        identity.store(Self.currentThread(), ordering: .relaxed)
        let executor = unsafe asUnownedSerialExecutor()
        var batch: [UnownedJob] = []
        while true {
            unsafe pthread_mutex_lock(lock)
            if jobs.isEmpty, !stopping {
                let idle = idle
                unsafe pthread_mutex_unlock(lock)
                idle()
                unsafe pthread_mutex_lock(lock)
            }
            while jobs.isEmpty, !stopping { unsafe pthread_cond_wait(wake, lock) }
            swap(&batch, &jobs)
            unsafe pthread_mutex_unlock(lock)
            guard !batch.isEmpty else { return }
            for job in batch { unsafe job.runSynchronously(on: executor) }
            batch.removeAll(keepingCapacity: true)
        }
    }
}
