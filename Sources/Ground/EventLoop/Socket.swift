import CLibuv

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Closes a descriptor. (Inside classes with a method `close` the system's function can't be named.)
func systemClose(_ fd: Int32) { close(fd) }

/// Ends the sending side of a socket.
func systemShutdownWrite(_ fd: Int32) { _ = shutdown(fd, Int32(SHUT_WR)) }

/// Gives a socket its address: 0, or -1 and `errno`.
func systemBind(_ fd: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    unsafe bind(fd, address, length)
}

/// Begins to connect a socket: 0, or -1 and `errno`.
func systemConnect(_ fd: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    unsafe connect(fd, address, length)
}
