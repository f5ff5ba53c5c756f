/// The hands of a round.
package enum Deal {
    /// A pure function of the game's seed and the round: Fisher and Yates' shuffle from the front of a deck in order (clubs first,
    /// twos first), for as many cards as are needed; the first hand goes to seat 0, the next to seat 1, and so on.
    /// - Parameter round: 1…26.
    package static func hands(seed: UInt64, round: Int) -> PerSeat<CardSet> {
        var chance = Chance(seed: seed, stream: UInt64(round))
        let size = Schedule.handSize(round: round)
        var deck = [UInt8](repeating: 0, count: 52)
        for position in 1..<52 { deck[position] = UInt8(truncatingIfNeeded: position) }
        var hands = PerSeat(repeating: CardSet())
        var next = 0
        for seat in Seat.all {
            var hand = CardSet()
            for _ in 0..<size {
                let chosen = next + chance.next(below: 52 - next)
                hand.insert(Card(position: deck[chosen]))
                deck[chosen] = deck[next]
                next += 1
            }
            hands[seat] = hand
        }
        return hands
    }
}
