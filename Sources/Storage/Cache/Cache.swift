/// What is good to know for a while, shared by all processes that use the same cache: a convenience that may vanish at any
/// moment, never the only place where something is kept.
///
/// Nothing here throws where a caller can do without: when the cache is away, reads find nothing and writes are dropped,
/// which is logged and counted. Only where going on would be dangerous an error is thrown. Keys are short texts; values are
/// bytes, up to `CacheLimits.valueBytes`.
package protocol Cache: Sendable {
    /// The value, unless it is unknown, expired or can't be read now.
    func value(for key: String) async -> [UInt8]?

    /// Keeps a value for `lifetime`, replacing what was there.
    func set(_ value: [UInt8], for key: String, lifetime: Duration) async

    /// Forgets a value. When the cache is away that can't be done: the value is gone after its lifetime at the latest, so
    /// choose lifetimes that you can live with.
    func removeValue(for key: String) async

    /// Keeps a value that can be taken once, for `lifetime`.
    /// - Throws: `CacheError` of kind `.unavailable` when it couldn't be kept: it could never be taken.
    func deposit(_ value: [UInt8], for key: String, lifetime: Duration) async throws(CacheError)

    /// Takes what was deposited: of all who ask, in whatever process, one gets it and the others get nothing.
    /// - Throws: `CacheError` of kind `.unavailable` when it isn't certain that nobody else gets it. Refuse then, and ask for
    ///   a new one.
    func take(_ key: String) async throws(CacheError) -> [UInt8]?

    /// Adds `amount` to a count that begins at zero and is forgotten when `window` has passed since its first use.
    /// - Returns: the count after this; `nil` when it can't be told now.
    func increment(_ key: String, by amount: Int, window: Duration) async -> Int?
}

package enum CacheLimits {
    /// The longest value that is kept. Longer ones are refused by each cache alike.
    package static let valueBytes = 1024 * 1024
    /// The longest key.
    package static let keyBytes = 512
}
