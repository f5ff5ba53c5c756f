#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Runs `body` on a new thread, which nobody joins: for event loops, and for C libraries that block.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    let start = unsafe Unmanaged.passRetained(ThreadStart(body)).toOpaque()
    #if canImport(Glibc)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, start)
        if code == 0 { pthread_detach(thread) }
    #else
        // Darwin's default of 512 KB is too little for handlers, which run on event loops; this is Linux's default.
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, 8 << 20)
        var thread: pthread_t?
        let code = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, start)
        if code == 0, let thread = unsafe thread { unsafe pthread_detach(thread) }
    #endif
    precondition(code == 0, "the system has no thread left (error \(code))")
}

private final class ThreadStart {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
