/// How many tricks a hand is worth before any card is laid.
enum Estimate {
    /// - Parameters:
    ///   - trump: `nil` while it is not chosen yet.
    /// - Returns: expected tricks, in thousandths.
    static func tricks(_ hand: CardSet, handSize: Int, trump: Trump?) -> Int {
        guard let trump else {
            // The suit that this hand would choose is trump for it about as often as it gets to choose.
            let own = best(of: hand, handSize: handSize).worth
            let foreign = tricks(hand, handSize: handSize, trump: Trump.none)
            return (own * 2 + foreign * 3) / 5
        }
        var total = 0
        for suit in Suit.all { total += worth(hand.of(suit), of: suit, trump: trump, handSize: handSize) }
        return min(total * correction(handSize) / 100, handSize * 1000)
    }

    /// Brings the mean of four hands' worth to what there is to win, in hundredths; found by playing.
    private static func correction(_ handSize: Int) -> Int {
        switch handSize {
        case ...4: 50
        case 5: 58
        case 6: 73
        case 7: 83
        case 8: 92
        case 9: 100
        case 10: 108
        case 11: 116
        default: 126
        }
    }

    /// The trump under which a hand is worth most, and that worth.
    static func best(of hand: CardSet, handSize: Int) -> (trump: Trump, worth: Int) {
        var chosen = (trump: Trump.none, worth: tricks(hand, handSize: handSize, trump: Trump.none))
        for suit in Suit.all {
            let worth = tricks(hand, handSize: handSize, trump: Trump(suit))
            if worth > chosen.worth { chosen = (Trump(suit), worth) }
        }
        return chosen
    }

    /// What the cards of one suit are worth: the sum of their chances to take a trick. The figures were found by playing.
    private static func worth(_ cards: CardSet, of suit: Suit, trump: Trump, handSize: Int) -> Int {
        let length = cards.count
        // The part of the unseen cards that other hands hold.
        let dealt = 3000 * handSize / (52 - handSize)
        var total = 0
        for (ownAbove, card) in HighestFirst(cards) {
            var chance = 1000
            // No card above is in another hand; one that is there is not always laid.
            for _ in 0..<(12 - Int(card.rank) - ownAbove) { chance = chance * (1000 - dealt * 11 / 20) / 1000 }
            if trump.suit == suit {
                chance = chance * 950 / 1000
            } else {
                // Long suits get ruffed, short hands never get to lead the right suit.
                if trump.suit != nil { chance = chance * max(300, 1050 - 90 * max(0, length - 2)) / 1000 }
                chance = chance * (handSize < 6 ? 550 + 40 * handSize : 900) / 1000
            }
            total += chance
        }
        if trump.suit == suit { total += worthOfLength(length, handSize: handSize) }
        return min(total, length * 1000)
    }

    /// Small trumps win by ruffing, or because nobody has any left.
    private static func worthOfLength(_ length: Int, handSize: Int) -> Int {
        handSize >= 6 ? max(0, length - 3) * 450 : max(0, length - 1) * 450 + length * 250
    }
}

/// The cards of one suit from the highest on, each with the number of those before it.
private struct HighestFirst: Sequence, IteratorProtocol {
    private var rest: UInt64
    private var count = 0

    init(_ cards: CardSet) { rest = cards.bits }

    mutating func next() -> (before: Int, card: Card)? {
        guard rest != 0 else { return nil }
        let code = UInt8(truncatingIfNeeded: 63 - rest.leadingZeroBitCount)
        rest &= ~(1 << UInt64(code))
        defer { count += 1 }
        return (count, Card(unchecked: code))
    }
}
