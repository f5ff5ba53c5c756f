import CLibuv
import Core
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What other threads hand to a loop: work, and jobs of tasks and actors, kept in one order.
///
/// It outlives its loop: what arrives after the loop has ended is run by a thread made for it, so that no task hangs
/// because its loop is gone.
///
/// `@unchecked`: `wakeUp` is used under the lock only, and only until the loop closes it (`detach`).
@safe final class Inbox: @unchecked Sendable {
    /// The executors are kept alive by whatever has a job on them.
    @safe enum Item {
        case work(@Sendable () -> Void)
        case actorJob(UnownedJob, UnownedSerialExecutor)
        case taskJob(UnownedJob, UnownedTaskExecutor)

        func run() {
            switch self {
            case .work(let body): body()
            case .actorJob(let job, let executor): unsafe job.runSynchronously(on: executor)
            case .taskJob(let job, let executor): unsafe job.runSynchronously(on: executor)
            }
        }
    }

    private enum Phase {
        /// There is a loop, to be woken by its handle.
        case live
        /// The handle is gone; the loop's thread looks here once more before it ends.
        case closing
        /// There is no loop.
        case ended
    }

    private struct State {
        var items: [Item] = []
        /// Whether the loop is certain to look here before it sleeps (or another thread, once it has ended).
        var isAwake = false
        var phase = Phase.live
    }

    private let state = Locked(State())
    /// The thread that runs the items, as a number.
    private let thread = Atomic<UInt>(0)
    /// Set by the loop before its thread starts.
    private let wakeUp: UnsafeMutablePointer<uv_async_t>

    init(wakeUp: UnsafeMutablePointer<uv_async_t>) { unsafe self.wakeUp = wakeUp }

    /// Whether the calling thread is the loop's.
    var isCurrent: Bool { thread.load(ordering: .relaxed) == currentThread() }

    /// To be called first thing on the loop's thread.
    func enterThread() { thread.store(currentThread(), ordering: .relaxed) }

    func add(_ item: Item) {
        let isOrphan = state.withLock { state -> Bool in
            state.items.append(item)
            guard !state.isAwake else { return false }
            state.isAwake = true
            guard state.phase == .live else { return true }
            // On the loop's own thread the end of the turn is still to come.
            if !isCurrent { unsafe uv_async_send(wakeUp) }
            return false
        }
        if isOrphan { startThread { [self] in runOrphans() } }
    }

    /// Exchanges what has arrived for `batch`, which must be empty. Without anything new, the loop may sleep.
    /// - Returns: whether there was anything.
    func take(into batch: inout [Item]) -> Bool {
        state.withLock { state in
            guard !state.items.isEmpty else {
                state.isAwake = state.phase == .closing
                return false
            }
            swap(&state.items, &batch)
            return true
        }
    }

    /// Makes the loop poll without sleeping, because there is more to do.
    func wake() {
        state.withLock { state in
            state.isAwake = true
            if state.phase == .live { unsafe uv_async_send(wakeUp) }
        }
    }

    /// To be called before the loop closes the handle that wakes it.
    func detach() {
        state.withLock { state in
            state.phase = .closing
            state.isAwake = true
        }
    }

    /// The loop's thread takes no more.
    func abandon() {
        thread.store(0, ordering: .relaxed)
        let hasOrphans = state.withLock { state -> Bool in
            state.phase = .ended
            state.isAwake = !state.items.isEmpty
            return state.isAwake
        }
        if hasOrphans { startThread { [self] in runOrphans() } }
    }

    private func runOrphans() {
        enterThread()
        var batch: [Item] = []
        while true {
            // Only one thread is here at a time: `isAwake` stays true until `take` finds nothing.
            let more = state.withLock { state -> Bool in
                swap(&state.items, &batch)
                if batch.isEmpty {
                    thread.store(0, ordering: .relaxed)
                    state.isAwake = false
                }
                return !batch.isEmpty
            }
            guard more else { return }
            for item in batch { item.run() }
            batch.removeAll(keepingCapacity: true)
        }
    }
}

/// The calling thread as a number that no other thread has at the same time.
func currentThread() -> UInt {
    #if canImport(Glibc)
        UInt(pthread_self())
    #else
        unsafe UInt(bitPattern: pthread_self())
    #endif
}
