/// A subscriber's place in a topic, kept so that leaving costs the same however many others stay.
struct Membership {
    let topic: TopicSubscribers
    var index: Int32
}

/// The topics of one subscriber. Most follow a single one, which needs no memory of its own.
struct Memberships: RandomAccessCollection, MutableCollection {
    private var others: ContiguousArray<Membership> = []
    private var first: Membership?

    var startIndex: Int { 0 }
    var endIndex: Int { first == nil ? 0 : 1 + others.count }

    subscript(index: Int) -> Membership {
        get {
            guard index == 0 else { return others[index - 1] }
            guard let first else { preconditionFailure("index out of range") }
            return first
        }
        set { if index == 0 { first = newValue } else { others[index - 1] = newValue } }
    }

    mutating func append(_ membership: Membership) {
        if first == nil { first = membership } else { others.append(membership) }
    }

    /// Takes one out; the last one takes its place.
    mutating func remove(at index: Int) -> Membership {
        let removed = self[index]
        let last = others.popLast()
        if index == 0 { first = last } else if let last, index <= others.count { others[index - 1] = last }
        return removed
    }
}
