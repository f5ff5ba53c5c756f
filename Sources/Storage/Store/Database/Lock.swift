/// What a transaction keeps other transactions away from while it runs, in this process and in others: one thing, by its kind and
/// identifier.
package struct Lock: Hashable, Sendable {
    /// The key of the database's lock: FNV-1a, 64 bits. Two things that share a key wait for each other needlessly, and
    /// nothing else happens.
    let key: Int64
    let isShared: Bool

    /// Held by one transaction at a time: for what it changes.
    package static func exclusive(_ kind: StaticString, _ id: some CustomStringConvertible) -> Lock {
        Lock(key: key(kind, id), isShared: false)
    }

    /// Held by any number of transactions, unless one holds it exclusively: for what must stay true meanwhile.
    package static func shared(_ kind: StaticString, _ id: some CustomStringConvertible) -> Lock {
        Lock(key: key(kind, id), isShared: true)
    }

    private static func key(_ kind: StaticString, _ id: some CustomStringConvertible) -> Int64 {
        FNV1a.hash("tandem lock \(kind) \(id)")
    }
}

extension [Lock] {
    /// Each key once, exclusively if anybody asks for that, in the order in which every transaction takes them, so that no
    /// two wait for each other.
    var inOrder: [Lock] {
        guard count > 1 else { return self }
        return Dictionary(map { ($0.key, $0) }) { $0.isShared ? $1 : $0 }.values.sorted { $0.key < $1.key }
    }
}
