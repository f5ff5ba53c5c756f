/// Who is where now, across processes: each is there for as long as somebody renews the lease. A process that dies says no
/// farewell; its people are gone when their leases have run out.
package protocol Presence: Sendable {
    /// `member` is in `place` from now until `lease` has passed. Renew it well before that, say each third of it.
    /// - Returns: whether it was kept; `false` while the server is away.
    @discardableResult
    func arrive(_ member: String, in place: String, lease: Duration) async -> Bool

    /// `member` has left.
    @discardableResult
    func leave(_ member: String, from place: String) async -> Bool

    /// Who is in `place` now, in the order of their names; `nil` when that can't be told.
    func members(of place: String) async -> [String]?
}
