/// Some of the 52 cards, one bit each: sixteen bits a suit, of which thirteen are used.
package struct CardSet: Sendable, Hashable {
    package private(set) var bits: UInt64

    package init() { bits = 0 }
    init(unchecked bits: UInt64) { self.bits = bits }

    /// Returns `nil` if a bit is set that is not a card's.
    package init?(bits: UInt64) {
        guard bits & ~CardSet.deck.bits == 0 else { return nil }
        self.bits = bits
    }

    package static var deck: CardSet { CardSet(unchecked: 0x1FFF_1FFF_1FFF_1FFF) }

    static func all(of suit: Suit) -> CardSet { CardSet(unchecked: 0x1FFF << (UInt64(suit.rawValue) << 4)) }

    package var count: Int { bits.nonzeroBitCount }
    package var isEmpty: Bool { bits == 0 }
    package func contains(_ card: Card) -> Bool { bits & (1 << UInt64(card.code)) != 0 }
    package mutating func insert(_ card: Card) { bits |= 1 << UInt64(card.code) }
    package mutating func remove(_ card: Card) { bits &= ~(1 << UInt64(card.code)) }

    package func of(_ suit: Suit) -> CardSet { intersection(.all(of: suit)) }
    package func intersection(_ other: CardSet) -> CardSet { CardSet(unchecked: bits & other.bits) }
    package func union(_ other: CardSet) -> CardSet { CardSet(unchecked: bits | other.bits) }
    package func subtracting(_ other: CardSet) -> CardSet { CardSet(unchecked: bits & ~other.bits) }

    /// The card at this position, from the lowest code on.
    package subscript(place: Int) -> Card {
        precondition(place >= 0 && place < count)
        var rest = bits
        for _ in 0..<place { rest &= rest &- 1 }
        return Card(unchecked: UInt8(truncatingIfNeeded: rest.trailingZeroBitCount))
    }
}

extension CardSet: Sequence {
    /// Goes through the cards from the lowest code on.
    package struct Iterator: IteratorProtocol {
        var rest: UInt64

        package mutating func next() -> Card? {
            guard rest != 0 else { return nil }
            defer { rest &= rest &- 1 }
            return Card(unchecked: UInt8(truncatingIfNeeded: rest.trailingZeroBitCount))
        }
    }

    package func makeIterator() -> Iterator { Iterator(rest: bits) }
    package var underestimatedCount: Int { count }
}
