/// One card of the 52.
package struct Card: Sendable, Hashable {
    /// The suit times sixteen and the rank: also the card's bit in a `CardSet`.
    package let code: UInt8

    /// - Parameter rank: 0 for the two up to 12 for the ace.
    package init(_ suit: Suit, rank: UInt8) {
        precondition(rank < 13)
        code = suit.rawValue << 4 | rank
    }

    /// Returns `nil` for a number that is not a card's `code`.
    package init?(code: UInt8) {
        guard code < 64, code & 15 < 13 else { return nil }
        self.code = code
    }

    init(unchecked code: UInt8) { self.code = code }

    /// - Parameter position: 0…51, clubs first, twos first.
    init(position: UInt8) { code = (position / 13) << 4 | position % 13 }

    package var suit: Suit {
        switch code >> 4 {
        case 0: .clubs
        case 1: .diamonds
        case 2: .hearts
        default: .spades
        }
    }

    /// 0 for the two up to 12 for the ace.
    package var rank: UInt8 { code & 15 }

    /// The rank's letter in ASCII: `2`…`9`, `T`, `J`, `Q`, `K`, `A`.
    package var rankLetter: UInt8 {
        switch rank {
        case 0...7: 0x32 + rank
        case 8: 0x54
        case 9: 0x4A
        case 10: 0x51
        case 11: 0x4B
        default: 0x41
        }
    }

    /// - Parameters: the two letters of a card's name, such as those of `AS` and `TD`.
    package init?(rankLetter: UInt8, suitLetter: UInt8) {
        let rank: UInt8
        switch rankLetter {
        case 0x32...0x39: rank = rankLetter - 0x32
        case 0x54: rank = 8
        case 0x4A: rank = 9
        case 0x51: rank = 10
        case 0x4B: rank = 11
        case 0x41: rank = 12
        default: return nil
        }
        switch suitLetter {
        case 0x43: self.init(.clubs, rank: rank)
        case 0x44: self.init(.diamonds, rank: rank)
        case 0x48: self.init(.hearts, rank: rank)
        case 0x53: self.init(.spades, rank: rank)
        default: return nil
        }
    }
}
