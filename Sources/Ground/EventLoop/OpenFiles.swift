#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How many files and sockets this process may have open.
package enum OpenFiles {
    /// More than this many are never asked for: some systems allow a billion, and some libraries walk over all of them.
    private static let most: rlim_t = 1_048_576

    #if canImport(Glibc)
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif

    /// Raises the limit as far as this process may. The standard of 1024 is for programs that use `select`.
    ///
    /// - Returns: the limit from now on.
    @discardableResult
    package static func raiseLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
        let before = limit.rlim_cur
        #if canImport(Glibc)
            let wanted = min(limit.rlim_max, most)
        #else
            let wanted = min(limit.rlim_max, rlim_t(OPEN_MAX))
        #endif
        guard before < wanted else { return Int(min(before, most)) }
        limit.rlim_cur = wanted
        return Int(unsafe setrlimit(resource, &limit) == 0 ? wanted : before)
    }

    /// How many connections a server may keep with this limit: the rest is for databases, gateways, files and the loops.
    package static func connections(within limit: Int) -> Int {
        limit - min(max(64, limit / 10), 1024)
    }
}
