/// Values that are kept for a while, shared by all processes that use the same cache: a convenience that may vanish at any
/// moment, never the only place where something is stored.
///
/// Nothing here throws where a caller can do without: while the cache is unavailable, reads find nothing and writes are
/// dropped, which is logged and counted. An error is thrown only where it would be dangerous to go on. Keys are short texts;
/// values are bytes, up to `CacheLimits.valueBytes`.
package protocol Cache: Sendable {
    /// The value, unless it is unknown, expired or can't be read now.
    func value(for key: String) async -> [UInt8]?

    /// Keeps a value for `lifetime`, replacing what was there.
    func set(_ value: [UInt8], for key: String, lifetime: Duration) async

    /// Removes a value. While the cache is unavailable it stays, until its lifetime has passed at the latest: choose
    /// lifetimes accordingly.
    func removeValue(for key: String) async

    /// Keeps a value that can be taken once, for `lifetime`. Nothing calls this yet: it is kept for the tickets with which
    /// clients of rooms and tables will open their streams.
    /// - Throws: `CacheError` of kind `.unavailable` when it couldn't be kept: it could never be taken.
    func deposit(_ value: [UInt8], for key: String, lifetime: Duration) async throws(CacheError)

    /// Takes what was deposited: of all callers, in whatever process, one gets it and the others get nothing.
    /// - Throws: `CacheError` of kind `.unavailable` when it isn't certain that no other caller gets it. Refuse then, and ask for
    ///   a new one.
    func take(_ key: String) async throws(CacheError) -> [UInt8]?

    /// Adds `amount` to a count that begins at zero and is forgotten when `window` has passed since its first use.
    /// - Returns: the count after this; `nil` when it can't be determined now.
    func increment(_ key: String, by amount: Int, window: Duration) async -> Int?
}

/// How much a cache accepts.
package enum CacheLimits {
    /// The longest value that is kept. Longer ones are refused by each cache alike.
    package static let valueBytes = 1024 * 1024
    /// The longest key.
    package static let keyBytes = 512
}
