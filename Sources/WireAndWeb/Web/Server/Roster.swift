/// Something that a `Roster` keeps track of.
protocol RosterMember: AnyObject {
    /// Its index in the roster; only the roster changes it.
    var slot: Int32 { get set }
}

/// A set of objects in no order, which takes constant time to insert and remove and one word for each member.
struct Roster<Member: RosterMember> {
    private(set) var members: [Member] = []

    var count: Int { members.count }

    mutating func insert(_ member: Member) {
        member.slot = Int32(members.count)
        members.append(member)
    }

    mutating func remove(_ member: Member) {
        let slot = Int(member.slot)
        guard slot >= 0, slot < members.count, members[slot] === member else { return }
        let last = members.removeLast()
        if last !== member {
            members[slot] = last
            last.slot = Int32(slot)
        }
        member.slot = -1
    }
}
