/// Something that a roster keeps track of.
protocol RosterMember: AnyObject {
    /// Where the roster keeps it; the roster's own business.
    var slot: Int32 { get set }
}

/// Who is there, in no order: a word for each member, constant time to come and go.
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
