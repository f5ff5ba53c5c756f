import Core
import Synchronization

/// Calls of C libraries that block and can't be called off, such as a name lookup, on helper threads.
///
/// Not on libuv's: neither a loop nor the program can end before those are done.
package enum BlockingCall {
    /// Runs `body` on a helper thread; `done` is called later, on the loop, exactly once, with what it gave. To be called on the
    /// loop.
    ///
    /// `done` hears nil when the loop stops first, and the call is left to itself: nobody waits for its end. It also hears
    /// nil when so many calls hang that this one would only add to a long line.
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

/// Whether anybody still waits for a call that hasn't begun.
private final class Wanted: Sendable {
    let value = Atomic<Bool>(true)
}

/// Who waits for a call, on its loop.
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

/// A few threads that come when there is something to do, and go.
private final class HelperThreads: Sendable {
    static let shared = HelperThreads()
    private static let threadLimit = 16
    private static let lineLimit = 1024

    private struct State {
        var threads = 0
        var line: ArraySlice<@Sendable () -> Void> = []
    }

    private let state = Locked(State())

    /// False when too much waits already.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        enum Place { case thread, line, none }
        let place = state.withLock { state -> Place in
            if state.threads < Self.threadLimit {
                state.threads += 1
                return .thread
            }
            guard state.line.count < Self.lineLimit else { return .none }
            state.line.append(work)
            return .line
        }
        if place == .thread { startThread { [self] in runAll(from: work) } }
        return place != .none
    }

    private func runAll(from first: @escaping @Sendable () -> Void) {
        var next: (@Sendable () -> Void)? = first
        while let work = next {
            work()
            next = state.withLock { state in
                if state.line.isEmpty { state.threads -= 1 }
                return state.line.popFirst()
            }
        }
    }
}
