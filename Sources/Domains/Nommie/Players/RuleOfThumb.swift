/// Play by rules of thumb: cheap enough to play imagined hands to their end with it.
enum RuleOfThumb {
    static func action(_ table: Table, hand: CardSet, legal: LegalActions, chance: inout Chance) -> Action {
        switch table.phase {
        case .bidding: .bid(bid(table, hand: hand))
        case .trumpSelection: .chooseTrump(trump(hand, handSize: table.handSize))
        case .trickPlay, .completed: .play(card(table, hand: hand, legal: legal.cards, chance: &chance))
        }
    }

    /// The legal bid next to the hand's worth.
    static func bid(_ table: Table, hand: CardSet) -> Int {
        guard let constraints = table.bidConstraints else { return 0 }
        let worth = Estimate.tricks(hand, handSize: table.handSize, trump: nil)
        var chosen = constraints.minimum
        var distance = Int.max
        for bid in constraints.minimum...constraints.maximum where bid != constraints.barred {
            let off = abs(bid * 1000 - worth)
            if off < distance { (chosen, distance) = (bid, off) }
        }
        return chosen
    }

    static func trump(_ hand: CardSet, handSize: Int) -> Trump { Estimate.best(of: hand, handSize: handSize).trump }

    /// The card that suits what is still missing from the bid.
    static func card(_ table: Table, hand: CardSet, legal: CardSet, chance: inout Chance) -> Card {
        let missing = (table.bids[table.toAct] ?? 0) - table.tricksWon[table.toAct]
        let trump = table.trump ?? Trump.none
        guard let best = table.trick.bestCard else {
            return lead(table, hand: hand, missing: missing, trump: trump, chance: &chance)
        }
        let winners = legal.intersection(beating(best, trump: trump))
        let losers = legal.subtracting(winners)
        let isLast = table.trick.count == 3
        if missing <= 0 {
            if !losers.isEmpty { return highest(losers, &chance) }
            return isLast ? highest(winners, &chance) : lowest(winners, sparing: Trump.none, &chance)
        }
        if winners.isEmpty { return lowest(losers, sparing: trump, &chance) }
        if isLast || losers.isEmpty { return lowest(winners, sparing: trump, &chance) }
        let top = highest(winners, &chance)
        // Few ruffs are beaten, so a low trump will do.
        guard top.suit == best.suit else { return lowest(winners, sparing: trump, &chance) }
        // The seats behind may beat it: it goes if few cards could, or if most of the tricks to come are needed.
        let unseen = CardSet.deck.subtracting(table.played).subtracting(hand)
        let isLikelyToHold = unseen.intersection(beating(top, trump: trump)).of(top.suit).count <= 2
        let isNeeded = missing * 2 > table.handSize - table.tricksPlayed
        return isLikelyToHold || isNeeded ? top : lowest(losers, sparing: trump, &chance)
    }

    private static func lead(
        _ table: Table, hand: CardSet, missing: Int, trump: Trump, chance: inout Chance
    ) -> Card {
        guard missing > 0 else { return lowest(hand, sparing: Trump.none, &chance) }
        let masters = masters(of: hand, unseen: CardSet.deck.subtracting(table.played).subtracting(hand))
        if !masters.isEmpty {
            let trumps = trump.suit.map { masters.of($0) } ?? CardSet()
            return any(trumps.isEmpty ? masters : trumps, &chance)
        }
        let isPressed = missing * 2 >= table.handSize - table.tricksPlayed
        return isPressed ? highest(hand, &chance) : lowest(hand, sparing: trump, &chance)
    }

    /// The cards of a hand above which none of their suit is unseen, one a suit.
    private static func masters(of hand: CardSet, unseen: CardSet) -> CardSet {
        var masters = CardSet()
        for suit in Suit.all {
            let held = hand.of(suit).bits
            guard held != 0, unseen.of(suit).bits < held else { continue }
            masters.insert(Card(unchecked: UInt8(truncatingIfNeeded: 63 - held.leadingZeroBitCount)))
        }
        return masters
    }

    /// The cards that take a trick from `best` when laid after it.
    static func beating(_ best: Card, trump: Trump) -> CardSet {
        var cards = CardSet.all(of: best.suit).bits & ~((2 << UInt64(best.code)) &- 1)
        if let suit = trump.suit, suit != best.suit { cards |= CardSet.all(of: suit).bits }
        return CardSet(unchecked: cards)
    }

    /// One of the cards of the lowest rank, a trump only where there is nothing else.
    private static func lowest(_ cards: CardSet, sparing trump: Trump, _ chance: inout Chance) -> Card {
        var cards = cards
        if let suit = trump.suit {
            let plain = cards.subtracting(.all(of: suit))
            if !plain.isEmpty { cards = plain }
        }
        let rank = UInt64(ranks(cards).trailingZeroBitCount)
        return any(CardSet(unchecked: cards.bits & (0x0001_0001_0001_0001 << rank)), &chance)
    }

    private static func highest(_ cards: CardSet, _ chance: inout Chance) -> Card {
        let rank = UInt64(15 - ranks(cards).leadingZeroBitCount)
        return any(CardSet(unchecked: cards.bits & (0x0001_0001_0001_0001 << rank)), &chance)
    }

    private static func ranks(_ cards: CardSet) -> UInt16 {
        let halves = cards.bits | cards.bits >> 32
        return UInt16(truncatingIfNeeded: halves | halves >> 16)
    }

    private static func any(_ cards: CardSet, _ chance: inout Chance) -> Card {
        let count = cards.count
        return cards[count == 1 ? 0 : chance.next(below: count)]
    }
}
