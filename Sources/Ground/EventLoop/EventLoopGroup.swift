import Core
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A fixed number of event loops, each with its own thread.
///
/// The threads run until `shutdown`. Making a group also makes the process ignore SIGPIPE, so that a peer that has gone is
/// an error of a write and not the end of the program.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let turn = Atomic<Int>(0)
    private let endings: Endings

    /// - Parameter count: how many loops; by default as many as there are processors to use.
    package init(count: Int = EventLoopGroup.processorCount) {
        precondition(count > 0, "a group has at least one loop")
        signal(SIGPIPE, SIG_IGN)
        let endings = Endings(count: count)
        self.endings = endings
        loops = (0..<count).map { index in EventLoop(index: index) { endings.oneEnded() } }
    }

    /// Returns the loops in turn, to spread work evenly.
    package func next() -> EventLoop {
        loops[turn.add(1, ordering: .relaxed).oldValue % loops.count]
    }

    /// Calls `body` once each loop, and the threads that tasks run on, have had a turn: never, if one of them is blocked for good.
    package func whenAllHadATurn(_ body: @escaping @Sendable () -> Void) {
        pass(loops[...]) { Task { body() } }
    }

    private func pass(_ loops: ArraySlice<EventLoop>, _ end: @escaping @Sendable () -> Void) {
        guard let first = loops.first else { return end() }
        first.execute { self.pass(loops.dropFirst(), end) }
    }

    /// Closes everything that is open on the loops (connections notify their handlers), and returns when the threads are
    /// done. May be called more than once; never from a loop's own thread while blocking it.
    package func shutdown() async {
        for loop in loops { loop.execute { loop.stop() } }
        await endings.all()
    }

    /// How many processors this process may use.
    package static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

/// Waits for all loops to end.
private final class Endings: Sendable {
    private let left: Atomic<Int>
    private let allEnded = Latch()

    init(count: Int) { left = Atomic(count) }

    func oneEnded() {
        if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { allEnded.open() }
    }

    func all() async { await uncancelled { await self.allEnded.wait() } }
}
