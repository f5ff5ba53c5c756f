/// A round as everybody at the table sees it: all but the hands.
package struct Table: Sendable, Equatable {
    /// 1…26.
    package let number: Int
    package let handSize: Int
    package let dealer: Seat
    /// Seats that bid zero in each of the three rounds before.
    package let zeroBarred: PerSeat<Bool>
    package internal(set) var phase = Phase.bidding
    /// The seat whose turn it is; meaningless once the game is completed.
    package internal(set) var toAct: Seat
    package private(set) var bids = PerSeat<Int?>(repeating: nil)
    package private(set) var bidWinner: Seat?
    package private(set) var trump: Trump?
    package private(set) var trick: Trick
    /// The trick before the present one; during a round's first trick the last one of the round before.
    package internal(set) var lastTrick: Trick?
    package private(set) var tricksWon = PerSeat<Int>(repeating: 0)
    package private(set) var tricksPlayed = 0
    /// Cards laid in this round, those of the present trick among them.
    package private(set) var played = CardSet()
    /// Suits that a seat has shown that it lacks, by not following.
    package private(set) var voids = PerSeat<SuitSet>(repeating: SuitSet())

    init(number: Int, zeroBarred: PerSeat<Bool>, lastTrick: Trick?) {
        self.number = number
        handSize = Schedule.handSize(round: number)
        dealer = Schedule.dealer(round: number)
        self.zeroBarred = zeroBarred
        self.lastTrick = lastTrick
        toAct = dealer.next
        trick = Trick(leader: dealer.next)
    }

    /// How many cards a seat holds.
    package func cardsHeld(by seat: Seat) -> Int {
        handSize - tricksPlayed - (trick.card(of: seat) == nil ? 0 : 1)
    }

    /// What the seat whose turn it is may bid; nothing outside the bidding.
    package var bidConstraints: BidConstraints? {
        guard phase == .bidding else { return nil }
        var barred: Int?
        if toAct == dealer {
            let rest = handSize - totalBid
            if rest >= 0 { barred = rest }
        }
        return BidConstraints(minimum: zeroBarred[toAct] ? 1 : 0, maximum: handSize, barred: barred)
    }

    /// The sum of the bids made so far.
    package var totalBid: Int {
        var total = 0
        for seat in Seat.all { total += bids[seat] ?? 0 }
        return total
    }

    /// What the seat whose turn it is may do with this hand.
    func legalActions(hand: CardSet) -> LegalActions {
        switch phase {
        case .bidding: bidConstraints.map(LegalActions.bids) ?? .nothing
        case .trumpSelection: .trumps
        case .trickPlay: .cards(playable(hand))
        case .completed: .nothing
        }
    }

    /// The cards of a hand that may be laid now.
    func playable(_ hand: CardSet) -> CardSet {
        guard let led = trick.suitLed else { return hand }
        let following = hand.of(led)
        return following.isEmpty ? hand : following
    }

    /// The rule that an action would break, as far as that can be decided without the hands.
    func violation(of action: Action, by seat: Seat) -> RuleViolation? {
        switch (action, phase) {
        case (.bid, .bidding), (.chooseTrump, .trumpSelection), (.play, .trickPlay): break
        default: return .phaseMismatch
        }
        guard seat == toAct else { return .outOfTurn }
        guard case .bid(let tricks) = action, let constraints = bidConstraints else { return nil }
        guard 0...constraints.maximum ~= tricks else { return .bidOutOfRange }
        if tricks < constraints.minimum { return .fourthZero }
        return tricks == constraints.barred ? .bidMakesTotal : nil
    }

    mutating func made(bid: Int) {
        bids[toAct] = bid
        guard toAct == dealer else {
            toAct = toAct.next
            return
        }
        var best = dealer.next
        var seat = best.next
        for _ in 0..<3 {
            if (bids[seat] ?? 0) > (bids[best] ?? 0) { best = seat }
            seat = seat.next
        }
        bidWinner = best
        toAct = best
        phase = .trumpSelection
    }

    mutating func chose(_ trump: Trump) {
        self.trump = trump
        phase = .trickPlay
        toAct = dealer.next
    }

    /// Lays a card of the seat whose turn it is.
    /// - Returns: the trick's winner, if this was its last card.
    @discardableResult
    mutating func laid(_ card: Card) -> Seat? {
        if let led = trick.suitLed, led != card.suit { voids[toAct].insert(led) }
        trick.add(card, trump: trump ?? .none)
        played.insert(card)
        guard trick.isWhole else {
            toAct = toAct.next
            return nil
        }
        let winner = trick.winner
        tricksWon[winner] += 1
        tricksPlayed += 1
        lastTrick = trick
        trick = Trick(leader: winner)
        toAct = winner
        return winner
    }

    var isPlayedOut: Bool { tricksPlayed == handSize }

    /// What the round counts for a seat when it ends as it stands: its tricks, and ten more if they are as many as it bid.
    package func points(of seat: Seat) -> Int { tricksWon[seat] + (tricksWon[seat] == bids[seat] ? 10 : 0) }

    /// The round's score as it stands.
    var score: RoundScore {
        var made = PerSeat(repeating: 0)
        for seat in Seat.all { made[seat] = bids[seat] ?? 0 }
        return RoundScore(number: number, bids: made, tricks: tricksWon, trump: trump ?? .none)
    }
}
