import CLibuv

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Delivers signals sent to the process, such as the request to stop.
package enum Signals {
    /// The signals that ask a program to end: SIGTERM (a supervisor) and SIGINT (a person with a keyboard).
    package static let termination: [Int32] = [SIGTERM, SIGINT]

    /// Returns a stream of the signals among `numbers` as they arrive. They no longer end the process until the stream is dropped
    /// or its task cancelled. The stream ends with the loop.
    package static func stream(_ numbers: [Int32] = termination, on loop: EventLoop) -> AsyncStream<Int32> {
        AsyncStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
            loop.execute {
                guard !loop.isStopping else { return continuation.finish() }
                let watches = LoopBound(
                    numbers.map { SignalWatch($0, on: loop, continuation: continuation) }, loop: loop)
                continuation.onTermination = { _ in
                    loop.execute { for watch in watches.value { watch.close() } }
                }
            }
        }
    }
}

/// One signal, watched by libuv.
@safe private final class SignalWatch: LoopDependent {
    private var handle: UnsafeMutablePointer<uv_signal_t>?
    private let continuation: AsyncStream<Int32>.Continuation

    init(_ number: Int32, on loop: EventLoop, continuation: AsyncStream<Int32>.Continuation) {
        self.continuation = continuation
        let handle = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
        unsafe self.handle = unsafe handle
        unsafe uv_signal_init(loop.uv, handle)
        // Balanced in the callback of `uv_close`.
        unsafe handle.pointee.data = Unmanaged.passRetained(self as AnyObject).toOpaque()
        unsafe uv_signal_start(
            handle,
            { handle, number in
                let watch = unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
                unsafe unsafeDowncast(watch, to: SignalWatch.self).continuation.yield(number)
            }, number)
    }

    func close() {
        guard let handle = unsafe handle else { return }
        unsafe self.handle = nil
        unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).release()
            unsafe UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_signal_t.self).deallocate()
        }
    }

    func loopStops() {
        close()
        continuation.finish()
    }
}
