import CLibuv
import Core

/// A timer of an event loop; made by `EventLoop.schedule`. Belongs to the loop's thread.
@safe package final class LoopTimer {
    private let loop: EventLoop
    /// Freed when libuv has closed it; `nil` from the moment that closing begins.
    private var handle: UnsafeMutablePointer<uv_timer_t>?
    private var fire: (() -> Void)?
    private let interval: UInt64?

    /// Whether it will still fire.
    package var isActive: Bool { unsafe handle != nil }

    init(loop: EventLoop, delay: Duration, repeating: Duration?, fire: @escaping () -> Void) {
        self.loop = loop
        interval = repeating.map { max(1, Self.milliseconds($0)) }
        guard !loop.isStopping else { return }
        self.fire = fire
        let handle = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
        unsafe self.handle = unsafe handle
        unsafe uv_timer_init(loop.uv, handle)
        // Balanced in the callback of `uv_close`.
        unsafe handle.pointee.data = Unmanaged.passRetained(self as AnyObject).toOpaque()
        start(after: delay)
    }

    /// Ends the timer; it doesn't fire after this. Cancelling it again has no effect.
    package func cancel() {
        guard let handle = unsafe handle else { return }
        loop.preconditionCurrent()
        unsafe self.handle = nil
        fire = nil
        unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).release()
            unsafe UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_timer_t.self).deallocate()
        }
    }

    private func start(after delay: Duration) {
        guard let handle = unsafe handle else { return }
        // libuv counts from the beginning of the turn, which may be a while ago.
        unsafe uv_update_time(loop.uv)
        unsafe uv_timer_start(
            handle,
            { handle in
                let timer = unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
                unsafe unsafeDowncast(timer, to: LoopTimer.self).fired()
            }, Self.milliseconds(delay), interval ?? 0)
    }

    private func fired() {
        let work = fire
        if interval == nil { cancel() }
        work?()
    }

    private static func milliseconds(_ duration: Duration) -> UInt64 { UInt64(max(0, duration.milliseconds)) }
}

extension LoopTimer: LoopDependent {
    func loopStops() { cancel() }
}
