/// The names under which a connection has prepared statements. The one unused for longest makes room.
struct StatementCache {
    private struct Entry {
        let name: String
        var lastUse: Int
    }

    /// What has to be sent before a statement can be run by its name.
    struct Preparation: Equatable {
        let name: String
        var isNew = false
        /// This one made room.
        var evicted: String?
    }

    private let limit: Int
    private var entries: [String: Entry] = [:]
    private var uses = 0
    private var names = 0

    init(limit: Int) {
        precondition(limit >= 8, "what's sent at once must fit")
        self.limit = limit
    }

    mutating func use(_ sql: String) -> Preparation {
        uses += 1
        if let name = entries[sql]?.name {
            entries[sql]?.lastUse = uses
            return Preparation(name: name)
        }
        names += 1
        var preparation = Preparation(name: "s\(names)", isNew: true)
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            preparation.evicted = oldest.value.name
            entries.removeValue(forKey: oldest.key)
        }
        entries[sql] = Entry(name: preparation.name, lastUse: uses)
        return preparation
    }

    /// It couldn't be prepared after all.
    mutating func forget(_ sql: String) { entries.removeValue(forKey: sql) }

    mutating func forgetAll() { entries.removeAll() }
}
