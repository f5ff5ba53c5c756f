/// A whole game, including the hands of all four seats. Show players and spectators a `view(for:)` of it.
package struct GameState: Sendable, Equatable {
    package let seed: UInt64
    package private(set) var table: Table
    package private(set) var hands: PerSeat<CardSet>
    package private(set) var sheet: ScoreSheet
    /// The codes of the actions since the last deal.
    package private(set) var moves: [UInt8] = []

    /// A game at its first bid.
    package init(seed: UInt64) { self.init(seed: seed, sheet: ScoreSheet(), lastTrick: nil) }

    /// A game after the rounds of `sheet`, of which there must be fewer than 26, at the next one's first bid.
    init(seed: UInt64, sheet: ScoreSheet, lastTrick: Trick?) {
        self.seed = seed
        self.sheet = sheet
        let round = sheet.rounds.count + 1
        table = Table(number: round, zeroBarred: sheet.zeroBarred, lastTrick: lastTrick)
        hands = Deal.hands(seed: seed, round: round)
        moves.reserveCapacity(57)
    }

    package var isCompleted: Bool { table.phase == .completed }

    /// What the seat whose turn it is may do; nothing once the game is completed.
    package var legalActions: LegalActions { table.legalActions(hand: hands[table.toAct]) }

    /// Applies an action of a seat.
    ///
    /// - Throws: the rule that forbids it; the state stays as it was. Of several rules the phase comes first, then the turn.
    @discardableResult
    package mutating func apply(_ action: Action, by seat: Seat) throws(RuleViolation) -> Transition {
        if let violation = violation(of: action, by: seat) { throw violation }
        moves.append(action.code)
        var transition = Transition(seat: seat, action: action)
        switch action {
        case .bid(let tricks): table.made(bid: tricks)
        case .chooseTrump(let trump): table.chose(trump)
        case .play(let card):
            hands[seat].remove(card)
            transition.trickWinner = table.laid(card)
            if table.isPlayedOut { endRound(&transition) }
        }
        return transition
    }

    /// The rule that an action would break, if any.
    package func violation(of action: Action, by seat: Seat) -> RuleViolation? {
        if let violation = table.violation(of: action, by: seat) { return violation }
        guard case .play(let card) = action else { return nil }
        let hand = hands[seat]
        guard hand.contains(card) else { return .cardNotInHand }
        return table.playable(hand).contains(card) ? nil : .mustFollowSuit
    }

    private mutating func endRound(_ transition: inout Transition) {
        let round = table.number
        let score = table.score
        sheet.add(score)
        transition.scored = score
        if round == Schedule.rounds {
            table.phase = .completed
            transition.winners = sheet.leaders
        } else {
            table = Table(number: round + 1, zeroBarred: sheet.zeroBarred, lastTrick: table.lastTrick)
            hands = Deal.hands(seed: seed, round: round + 1)
            moves.removeAll(keepingCapacity: true)
        }
    }
}
