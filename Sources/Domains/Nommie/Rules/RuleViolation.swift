/// The rule that an action would break.
package enum RuleViolation: UInt8, Error, Sendable, Equatable {
    /// A card in the bidding, a bid in the play, anything after the last round.
    case phaseMismatch
    case outOfTurn
    /// Below 0 or above the hand size.
    case bidOutOfRange
    /// The dealer may not make the total of the bids the hand size.
    case bidMakesTotal
    /// Zero was bid in each of the three rounds before.
    case fourthZero
    case cardNotInHand
    case mustFollowSuit

    /// A stable code for programs.
    package var code: StaticString {
        switch self {
        case .phaseMismatch: "PHASE_MISMATCH"
        case .outOfTurn: "OUT_OF_TURN"
        case .bidOutOfRange, .bidMakesTotal, .fourthZero: "INVALID_BID"
        case .cardNotInHand: "CARD_NOT_IN_HAND"
        case .mustFollowSuit: "MUST_FOLLOW_SUIT"
        }
    }

    /// A sentence for players.
    package var message: StaticString {
        switch self {
        case .phaseMismatch: "This can't be done in the present phase."
        case .outOfTurn: "It is another seat's turn."
        case .bidOutOfRange: "A bid lies between 0 and the number of cards in a hand."
        case .bidMakesTotal: "The dealer's bid may not bring the total to the number of cards in a hand."
        case .fourthZero: "After three rounds with a bid of 0, the next bid is at least 1."
        case .cardNotInHand: "This card is not in the hand."
        case .mustFollowSuit: "The suit led must be followed."
        }
    }
}
