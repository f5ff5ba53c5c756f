/// Cards laid in turn, from the leader on.
package struct Trick: Sendable, Equatable {
    package let leader: Seat
    package private(set) var count = 0
    private var cards = PerSeat<Card>(repeating: Card(unchecked: 0))
    /// The seat with the best card so far; the leader before any is played.
    package private(set) var winner: Seat

    package init(leader: Seat) {
        self.leader = leader
        winner = leader
    }

    package var suitLed: Suit? { count == 0 ? nil : cards[leader].suit }
    package var isWhole: Bool { count == 4 }
    package var bestCard: Card? { count == 0 ? nil : cards[winner] }

    package func card(of seat: Seat) -> Card? { seat.distance(from: leader) < count ? cards[seat] : nil }

    /// Lays the next seat's card.
    package mutating func add(_ card: Card, trump: Trump) {
        precondition(!isWhole, "a trick has four cards")
        let seat = leader.advanced(by: count)
        if count > 0, Trick.beats(card, cards[winner], trump: trump) { winner = seat }
        cards[seat] = card
        count += 1
    }

    /// Whether `card`, played after `best`, takes the trick from it.
    static func beats(_ card: Card, _ best: Card, trump: Trump) -> Bool {
        card.code >> 4 == best.code >> 4 ? card.code > best.code : card.code >> 4 == trump.rawValue
    }
}
