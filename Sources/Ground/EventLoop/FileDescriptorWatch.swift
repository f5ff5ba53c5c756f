import CLibuv

/// Reports when a descriptor that belongs to other code, such as a C library, can be read or written. Made and used on its
/// loop; works until it is closed, whether or not it is kept.
///
/// Close it **before** its owner closes the descriptor: the number may be another's a moment later.
@safe package final class FileDescriptorWatch {
    /// What to wait for.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }

        package static let readable = Interest(rawValue: Int32(UV_READABLE.rawValue))
        package static let writable = Interest(rawValue: Int32(UV_WRITABLE.rawValue))
    }

    package let descriptor: Int32
    private let loop: EventLoop
    private var handle: UnsafeMutablePointer<uv_poll_t>?
    private var interest: Interest = []
    private var onReady: ((Interest) -> Void)?
    private var onStop: (() -> Void)?

    /// - Parameters:
    ///   - onReady: called again and again while the descriptor is ready for what was asked for, and also when it has an
    ///     error, which the next read or write returns.
    ///   - onStop: the loop ends; the watch is closed already.
    package init(
        descriptor: Int32, loop: EventLoop, onReady: @escaping (Interest) -> Void, onStop: @escaping () -> Void
    ) {
        loop.preconditionCurrent()
        self.descriptor = descriptor
        self.loop = loop
        guard !loop.isStopping else {
            loop.atEndOfTurn(onStop)
            return
        }
        self.onReady = onReady
        self.onStop = onStop
        let handle = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
        let status = unsafe uv_poll_init(loop.uv, handle, descriptor)
        precondition(status == 0, "descriptor \(descriptor) can't be watched: \(NetworkError.name(ofUV: status))")
        unsafe self.handle = unsafe handle
        // Balanced in the callback of `uv_close`.
        unsafe handle.pointee.data = Unmanaged.passRetained(self as AnyObject).toOpaque()
    }

    /// Waits for these from now on; for nothing, if empty. Cheap when nothing changes.
    package func wait(for interest: Interest) {
        guard let handle = unsafe handle, interest != self.interest else { return }
        loop.preconditionCurrent()
        self.interest = interest
        guard !interest.isEmpty else {
            unsafe uv_poll_stop(handle)
            return
        }
        unsafe uv_poll_start(handle, interest.rawValue) { handle, status, events in
            let owner = unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
            unsafe unsafeDowncast(owner, to: FileDescriptorWatch.self).ready(status, events)
        }
    }

    /// Nothing is called any more. May be repeated.
    package func close() {
        guard let handle = unsafe handle else { return }
        loop.preconditionCurrent()
        unsafe self.handle = nil
        onReady = nil
        onStop = nil
        unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).release()
            unsafe UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_poll_t.self).deallocate()
        }
    }

    private func ready(_ status: Int32, _ events: Int32) {
        // With an error, libuv has stopped watching; the next call on the descriptor returns it.
        if status < 0 { interest = [] }
        onReady?(status < 0 ? [.readable, .writable] : Interest(rawValue: events))
    }
}

extension FileDescriptorWatch: LoopDependent {
    func loopStops() {
        let onStop = onStop
        close()
        onStop?()
    }
}
