/// How many tricks a hand is worth before any card is laid.
enum Estimate {
    /// - Parameters:
    ///   - trump: nothing while it is not chosen yet.
    /// - Returns: expected tricks, in thousandths.
    static func tricks(_ hand: CardSet, handSize: Int, trump: Trump?) -> Int {
        guard let trump else {
            // The suit that this hand would choose is trump for it about as often as it gets to choose.
            let own = best(of: hand, handSize: handSize).worth
            let foreign = tricks(hand, handSize: handSize, trump: Trump.none)
            return (own * 2 + foreign * 3) / 5
        }
        var total = 0
        for suit in 0..<UInt8(4) {
            let lane = UInt16(truncatingIfNeeded: hand.bits >> (UInt64(suit) << 4))
            total += worth(lane, isTrump: suit == trump.rawValue, isNoTrumps: trump == Trump.none, handSize: handSize)
        }
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
        for code in 0..<UInt8(4) {
            guard let trump = Trump(rawValue: code) else { continue }
            let worth = tricks(hand, handSize: handSize, trump: trump)
            if worth > chosen.worth { chosen = (trump, worth) }
        }
        return chosen
    }

    private static func worth(_ lane: UInt16, isTrump: Bool, isNoTrumps: Bool, handSize: Int) -> Int {
        let length = lane.nonzeroBitCount
        // The part of the unseen cards that other hands hold, in thousandths.
        let dealt = 3000 * handSize / (52 - handSize)
        var total = 0
        var rest = lane
        var ownAbove = 0
        while rest != 0 {
            let rank = 15 - rest.leadingZeroBitCount
            rest &= ~(1 << UInt16(rank))
            let above = 12 - rank - ownAbove
            // No card above among the others' hands; one that is there is not always laid.
            var chance = 1000
            for _ in 0..<above { chance = chance * (1000 - dealt * 11 / 20) / 1000 }
            if !isTrump {
                // Long suits get ruffed, short hands never get to lead the right suit.
                if !isNoTrumps { chance = chance * max(300, 1050 - 90 * max(0, length - 2)) / 1000 }
                chance = chance * (handSize < 6 ? 550 + 40 * handSize : 900) / 1000
            } else {
                chance = chance * 950 / 1000
            }
            total += chance
            ownAbove += 1
        }
        if isTrump {
            // Small trumps win by ruffing, or because nobody has any left.
            let expected = handSize >= 6 ? 3 : 1
            total += max(0, length - expected) * 450
            if handSize < 6, length > 0 { total += 250 * length }
        }
        return min(total, length * 1000)
    }
}
