/// Which members are in a place now, across processes: a member is present for as long as a process renews the lease. When a
/// process dies, its members are gone once their leases have expired.
///
/// Nothing calls this yet. It is kept for tables and rooms: `Tables` will show who sits at or watches a table, `Rooms` who is
/// on a room's page.
package protocol Presence: Sendable {
    /// `member` is in `place` from now until `lease` has passed. Renew it well before that, say each third of it.
    /// - Returns: whether it was recorded; `false` while the server is unavailable.
    @discardableResult
    func arrive(_ member: String, in place: String, lease: Duration) async -> Bool

    /// `member` has left.
    @discardableResult
    func leave(_ member: String, from place: String) async -> Bool

    /// The members that are in `place` now, sorted; `nil` when the server can't be asked.
    func members(of place: String) async -> [String]?
}
