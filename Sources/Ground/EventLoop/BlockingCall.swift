import Core
import Synchronization

/// Runs calls of C libraries that block and can't be cancelled, such as a name lookup, on helper threads.
///
/// libuv's own threads won't do: neither a loop nor the program can end before their work is done.
package enum BlockingCall {
    /// Runs `body` on a helper thread; `done` is called later, on the loop, exactly once, with its result. To be called on the
    /// loop.
    ///
    /// `done` receives nil when the loop stops first; the call then goes on by itself and its result is discarded. It also
    /// receives nil when so many calls hang that this one would only lengthen the queue.
    package static func run<Result: Sendable>(
        on loop: EventLoop, _ body: @escaping @Sendable () -> Result, done: @escaping (Result?) -> Void
    ) {
        loop.preconditionCurrent()
        let pending = PendingCall(loop: loop, done: done)
        let isWanted = Wanted()
        guard !loop.isStopping,
            HelperThreads.shared.run({ [bound = LoopBound(pending, loop: loop)] in
                guard isWanted.value.load(ordering: .relaxed) else { return }
                let result = body()
                loop.execute { bound.value.end(result) }
            })
        else { return loop.atEndOfTurn { pending.end(nil) } }
        pending.begin(isWanted)
    }
}

/// Whether the result of a call that hasn't begun is still wanted.
private final class Wanted: Sendable {
    let value = Atomic<Bool>(true)
}

/// The caller's side of a call, on its loop.
private final class PendingCall<Result: Sendable>: LoopDependent {
    private let loop: EventLoop
    private var done: ((Result?) -> Void)?
    private var isWanted: Wanted?

    init(loop: EventLoop, done: @escaping (Result?) -> Void) {
        self.loop = loop
        self.done = done
    }

    func begin(_ isWanted: Wanted) {
        self.isWanted = isWanted
        loop.add(self)
    }

    func end(_ result: Result?) {
        guard let done else { return }
        self.done = nil
        isWanted?.value.store(false, ordering: .relaxed)
        loop.remove(self)
        done(result)
    }

    func loopStops() { end(nil) }
}

/// A few threads that start when there is work and end when there is none.
private final class HelperThreads: Sendable {
    static let shared = HelperThreads()
    private static let threadLimit = 16
    private static let queueLimit = 1024

    private struct State {
        var threads = 0
        var queue = Deque<@Sendable () -> Void>()
    }

    private let state = Locked(State())

    /// Returns false when too much waits already.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        enum Place { case thread, queue, none }
        let place = state.withLock { state -> Place in
            if state.threads < Self.threadLimit {
                state.threads += 1
                return .thread
            }
            guard state.queue.count < Self.queueLimit else { return .none }
            state.queue.append(work)
            return .queue
        }
        if place == .thread { startThread { [self] in runAll(from: work) } }
        return place != .none
    }

    private func runAll(from first: @escaping @Sendable () -> Void) {
        var next: (@Sendable () -> Void)? = first
        while let work = next {
            work()
            next = state.withLock { state in
                if state.queue.isEmpty { state.threads -= 1 }
                return state.queue.popFirst()
            }
        }
    }
}
