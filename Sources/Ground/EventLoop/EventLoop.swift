import CLibuv
import Core

/// One thread that waits for sockets and timers and runs what is due: a libuv loop.
///
/// `execute`, `submit` and the executors may be used from any thread, `isCurrent` too; everything else only on the loop
/// itself, that is, in its callbacks. Nothing that runs here may block.
///
/// **After its end** a loop drops nothing that is handed to it, since tasks, actors and callers wait for that: work, jobs
/// and what they put at the end of their turn run in order on a thread that is made for them and counts as the loop's. But
/// nothing can be opened there any more: timers don't fire, and connections, lookups and watches end at once with
/// `NetworkError` code `cancelled`.
///
/// `@unchecked`: what isn't constant is used on the loop's thread only, which is checked at each entrance.
@safe package final class EventLoop: @unchecked Sendable {
    /// The loop's place in its group, from 0.
    package let index: Int
    /// For actors that live on this loop.
    package let serialExecutor: LoopSerialExecutor
    /// For tasks that run on this loop.
    package let taskExecutor: LoopTaskExecutor

    let uv: UnsafeMutablePointer<uv_loop_t>
    /// Where every connection reads to; its content is gone with the next read.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    /// Where decrypted bytes and joined frames lie for a moment; never held across a callback that could use it too.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    /// Where frames are decrypted to, so that a handler can write while it looks at them.
    let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * 1024, alignment: 16)

    /// For one call that sends several frames.
    let pieces = UnsafeMutablePointer<iovec>.allocate(capacity: WriteQueue.vectorLimit)

    private let pollHandles = PollHandles()
    private let inbox: Inbox
    private let wakeUp: UnsafeMutablePointer<uv_async_t>
    private let turn: UnsafeMutablePointer<uv_prepare_t>
    private var batch: [Inbox.Item] = []
    private var endOfTurn: [() -> Void] = []
    private var endOfTurnBatch: [() -> Void] = []
    /// What must be notified of the loop's end and has no libuv handle by which to be found.
    private var dependents: [ObjectIdentifier: any LoopDependent] = [:]
    private(set) var isStopping = false
    /// There are no turns any more.
    private var hasEnded = false

    /// Starts the thread. `ended` is called there when all is closed.
    init(index: Int, ended: @escaping @Sendable () -> Void) {
        self.index = index
        unsafe uv = .allocate(capacity: 1)
        unsafe wakeUp = .allocate(capacity: 1)
        unsafe turn = .allocate(capacity: 1)
        inbox = unsafe Inbox(wakeUp: wakeUp)
        serialExecutor = LoopSerialExecutor(inbox: inbox)
        taskExecutor = LoopTaskExecutor(inbox: inbox)
        var status = unsafe uv_loop_init(uv)
        precondition(status == 0, "libuv can't make a loop: \(NetworkError.name(ofUV: status))")
        status = unsafe uv_async_init(uv, wakeUp) { _ in }
        precondition(status == 0, "libuv can't make a loop: \(NetworkError.name(ofUV: status))")
        unsafe uv_prepare_init(uv, turn)
        unsafe turn.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        unsafe uv_prepare_start(turn) { turn in
            unsafe Unmanaged<EventLoop>.fromOpaque(turn!.pointee.data).takeUnretainedValue().finishTurn()
        }
        // The thread keeps the loop until it has ended.
        startThread { [self] in
            run()
            ended()
        }
    }

    deinit {
        unsafe uv.deallocate()
        unsafe wakeUp.deallocate()
        unsafe turn.deallocate()
        unsafe readBuffer.deallocate()
        unsafe scratch.deallocate()
        unsafe plaintext.deallocate()
        unsafe pieces.deallocate()
    }

    // MARK: From any thread

    /// Whether the calling thread is this loop's.
    package var isCurrent: Bool { inbox.isCurrent }

    /// Runs `work` on the loop, after everything that was handed over before it. Never at once, not even on the loop.
    ///
    /// It also runs after the loop's end.
    package func execute(_ work: @escaping @Sendable () -> Void) { inbox.add(.work(work)) }

    /// Runs `body` on the loop, also after the loop's end, and returns its result.
    ///
    /// - Throws: what `body` throws.
    package func submit<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            execute { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    // MARK: On the loop

    /// Traps unless called on the loop.
    package func preconditionCurrent() {
        precondition(isCurrent, "this may be used on its event loop only")
    }

    /// The same in debug builds only, for paths that are taken a million times a second.
    func assertCurrent() { assert(isCurrent, "this may be used on its event loop only") }

    /// Runs `work` once, after what this turn of the loop still has to do and before the loop waits for anything new. Work
    /// added meanwhile runs in the same turn. Use it to join what falls due together into one write.
    package func atEndOfTurn(_ work: @escaping () -> Void) {
        preconditionCurrent()
        guard !hasEnded else {
            let bound = LoopBound(work, loop: self)
            return execute { bound.value() }
        }
        endOfTurn.append(work)
    }

    /// The time since some moment in the past, as of this turn of the loop. Never goes back.
    package var now: Duration { .milliseconds(Int64(nowMilliseconds)) }

    /// Milliseconds since some moment in the past, as of this turn of the loop. Never goes back.
    package var nowMilliseconds: UInt64 {
        preconditionCurrent()
        return unsafe uv_now(uv)
    }

    /// Calls `fire` after `delay`, then every `repeating`, until cancelled. Delays are rounded up to milliseconds.
    ///
    /// The timer works without being kept by the caller, and keeps `fire` until it is over.
    @discardableResult
    package func schedule(
        after delay: Duration, repeating: Duration? = nil, _ fire: @escaping () -> Void
    ) -> LoopTimer {
        preconditionCurrent()
        return LoopTimer(loop: self, delay: delay, repeating: repeating, fire: fire)
    }

    /// Keeps `dependent`, and calls its `loopStops` if the loop stops before it is removed.
    func add(_ dependent: any LoopDependent) {
        preconditionCurrent()
        dependents[ObjectIdentifier(dependent)] = dependent
    }

    func remove(_ dependent: any LoopDependent) {
        preconditionCurrent()
        dependents[ObjectIdentifier(dependent)] = nil
    }

    /// Returns memory for a handle. Give it back on the loop, when libuv needs it no more.
    func takePollHandle() -> UnsafeMutablePointer<uv_poll_t> { unsafe pollHandles.take() }
    func giveBack(_ handle: UnsafeMutablePointer<uv_poll_t>) { unsafe pollHandles.giveBack(handle) }

    // MARK: The thread

    private func run() {
        inbox.enterThread()
        unsafe uv_run(uv, UV_RUN_DEFAULT)
        // What the last callbacks handed in. Nothing can be opened any more.
        finishTurn()
        let status = unsafe uv_loop_close(uv)
        precondition(status == 0, "a handle of the loop was left open")
        hasEnded = true
        inbox.abandon()
    }

    /// Runs right before the loop polls, when all callbacks of the turn have run.
    private func finishTurn() {
        // Work that always hands in more work must not keep the loop from its sockets.
        for _ in 0..<64 {
            let hadItems = inbox.take(into: &batch)
            if hadItems {
                for item in batch { item.run() }
                batch.removeAll(keepingCapacity: batch.capacity <= 4096)
            }
            let hadWork = runEndOfTurn()
            // The loop may sleep only if the inbox was found empty after the last work that could have put something in.
            if !hadItems, !hadWork { return }
        }
        inbox.wake()
    }

    /// Returns whether there was any.
    private func runEndOfTurn() -> Bool {
        guard !endOfTurn.isEmpty else { return false }
        while !endOfTurn.isEmpty {
            swap(&endOfTurn, &endOfTurnBatch)
            for work in endOfTurnBatch { work() }
            endOfTurnBatch.removeAll(keepingCapacity: endOfTurnBatch.capacity <= 4096)
        }
        return true
    }

    /// Closes whatever is open on the loop; its thread ends when that is done.
    func stop() {
        preconditionCurrent()
        guard !isStopping else { return }
        isStopping = true
        for dependent in dependents.values { dependent.loopStops() }
        // Closing handles while walking over them is allowed; their owners are notified in callbacks that come later.
        unsafe uv_walk(
            uv,
            { handle, _ in
                guard let handle = unsafe handle, unsafe uv_is_closing(handle) == 0 else { return }
                if unsafe handle.pointee.type == UV_PREPARE || handle.pointee.type == UV_ASYNC { return }
                guard let data = unsafe handle.pointee.data else { return }
                let owner = unsafe Unmanaged<AnyObject>.fromOpaque(data).takeUnretainedValue()
                (owner as? any LoopDependent)?.loopStops()
            }, nil)
        inbox.detach()
        unsafe uv_close(UnsafeMutableRawPointer(wakeUp).assumingMemoryBound(to: uv_handle_t.self), nil)
        unsafe uv_close(UnsafeMutableRawPointer(turn).assumingMemoryBound(to: uv_handle_t.self), nil)
    }
}

/// Something that ends with its loop: the `data` of an open libuv handle, or added to the loop.
protocol LoopDependent: AnyObject {
    func loopStops()
}
