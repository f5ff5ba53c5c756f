/// The 26 rounds of a game.
package enum Schedule {
    package static var rounds: Int { 26 }

    /// Cards in a hand: 13 down to 3, four times 2, 3 up to 13.
    /// - Parameter round: 1…26.
    package static func handSize(round: Int) -> Int {
        precondition(1...rounds ~= round)
        return max(2, max(14 - round, round - 13))
    }

    /// - Parameter round: 1…26.
    package static func dealer(round: Int) -> Seat { Seat((round - 1) & 3) }
}

/// Where a game stands. Scoring and the next deal happen within the action that plays a round's last card.
package enum Phase: UInt8, Sendable {
    case bidding, trumpSelection, trickPlay, completed

    package var code: StaticString {
        switch self {
        case .bidding: "BIDDING"
        case .trumpSelection: "TRUMP_SELECTION"
        case .trickPlay: "TRICK_PLAY"
        case .completed: "COMPLETED"
        }
    }
}

/// What a seat may bid: `minimum`…`maximum` without `barred`.
package struct BidConstraints: Sendable, Equatable {
    package let minimum: Int
    package let maximum: Int
    /// The bid that would bring the dealer's total to the hand size, where that lies within the range.
    package let barred: Int?

    package init(minimum: Int, maximum: Int, barred: Int?) {
        self.minimum = minimum
        self.maximum = maximum
        self.barred = barred
    }
}
