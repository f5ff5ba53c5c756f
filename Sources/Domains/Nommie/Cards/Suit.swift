/// One of the four suits, in the order in which choices are listed.
package enum Suit: UInt8, Sendable {
    case clubs, diamonds, hearts, spades

    /// `C`, `D`, `H` or `S`, in ASCII.
    package var letter: UInt8 {
        switch self {
        case .clubs: 0x43
        case .diamonds: 0x44
        case .hearts: 0x48
        case .spades: 0x53
        }
    }

    /// The four suits in order.
    package static var all: Suits { Suits() }
}

/// The four suits in order, without an array: players go through them for every card that they imagine.
package struct Suits: Sequence, IteratorProtocol {
    private var code: UInt8 = 0

    package mutating func next() -> Suit? {
        defer { code += 1 }
        return Suit(rawValue: code)
    }
}

/// What beats the suit led: a suit, or nothing.
package enum Trump: UInt8, Sendable {
    case clubs, diamonds, hearts, spades, none

    package init(_ suit: Suit) { self = Trump(rawValue: suit.rawValue) ?? .none }

    package var suit: Suit? { Suit(rawValue: rawValue) }

    /// `C`, `D`, `H`, `S` or `NO_TRUMPS`.
    package var code: StaticString {
        switch self {
        case .clubs: "C"
        case .diamonds: "D"
        case .hearts: "H"
        case .spades: "S"
        case .none: "NO_TRUMPS"
        }
    }
}

/// Several suits, one bit each.
package struct SuitSet: Sendable, Equatable {
    package private(set) var bits: UInt8 = 0

    package init() {}

    package func contains(_ suit: Suit) -> Bool { bits & (1 << suit.rawValue) != 0 }
    package mutating func insert(_ suit: Suit) { bits |= 1 << suit.rawValue }
}
