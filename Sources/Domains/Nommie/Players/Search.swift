/// Tries every action in the same imagined hands, plays each to the round's end by rules of thumb, and compares the points.
struct Search {
    private let view: GameView
    private let viewer: Seat
    /// What the move may cost, in imagined cards laid.
    private let budget: Int

    init(view: GameView, budget: Int) {
        precondition(view.viewer != nil, "those who watch don't play")
        self.view = view
        viewer = view.viewer ?? 0
        self.budget = budget
    }

    /// The action with the highest mean outcome; between equals, chance decides.
    func best(of legal: LegalActions, chance: inout Chance) -> Action {
        let candidates = candidates(legal)
        if candidates.count == 1 { return candidates[0] }
        let imagined = ImaginedHands(view: view)
        var outcomes = [Int](repeating: 0, count: candidates.count)
        for _ in 0..<max(1, budget / cost(of: candidates.count)) {
            let hands = imagined.draw(&chance)
            for index in 0..<candidates.count {
                outcomes[index] += outcome(of: candidates[index], hands: hands, &chance)
            }
        }
        var best = 0
        var ties = 1
        for index in 1..<candidates.count {
            if outcomes[index] > outcomes[best] {
                best = index
                ties = 1
            } else if outcomes[index] == outcomes[best] {
                ties += 1
                if chance.next(below: ties) == 0 { best = index }
            }
        }
        return candidates[best]
    }

    /// What it costs to imagine hands once and to play each candidate out in them, so that a budget takes about as long in every
    /// turn. By the clock, three cards are dealt in the time in which one is laid, and a bid takes ten times as long.
    private func cost(of candidates: Int) -> Int {
        candidates * (view.cardsToCome + 10 * view.bidsToCome) + view.unseen.count / 3
    }

    /// The viewer's points less a share of what the others get.
    private func outcome(of action: Action, hands: PerSeat<CardSet>, _ chance: inout Chance) -> Int {
        var playout = Playout(table: view.table, hands: hands)
        playout.perform(action)
        playout.finish(&chance)
        var others = 0
        for seat in Seat.all where seat != viewer { others += playout.table.points(of: seat) }
        return playout.table.points(of: viewer) * 6 - others
    }

    /// What is worth trying: of cards that win and lose alike only one, of bids those near the hand's worth.
    private func candidates(_ legal: LegalActions) -> [Action] {
        var candidates: [Action] = []
        switch view.table.phase {
        case .bidding:
            let worth = (Estimate.tricks(view.hand, handSize: view.table.handSize, trump: nil) + 500) / 1000
            for action in legal {
                if case .bid(let tricks) = action, abs(tricks - worth) <= 2 { candidates.append(action) }
            }
        case .trickPlay:
            // Neighbours with no card between them in another hand are worth the same.
            let others = view.unseen.union(view.table.trickCards)
            var last: Card?
            for card in legal.cards {
                if let last, last.suit == card.suit, others.isEmpty(between: last, and: card) {
                    _ = candidates.popLast()
                }
                candidates.append(.play(card))
                last = card
            }
        case .trumpSelection, .completed:
            for action in legal { candidates.append(action) }
        }
        if candidates.isEmpty { candidates.append(legal[0]) }
        return candidates
    }
}

/// A round of which all hands are known, played to its end.
struct Playout {
    private(set) var table: Table
    private var hands: PerSeat<CardSet>

    init(table: Table, hands: PerSeat<CardSet>) {
        self.table = table
        self.hands = hands
    }

    mutating func perform(_ action: Action) {
        switch action {
        case .bid(let tricks): table.made(bid: tricks)
        case .chooseTrump(let trump): table.chose(trump)
        case .play(let card):
            hands[table.toAct].remove(card)
            table.laid(card)
        }
    }

    mutating func finish(_ chance: inout Chance) {
        while table.phase == .bidding { table.made(bid: RuleOfThumb.bid(table, hand: hands[table.toAct])) }
        if table.phase == .trumpSelection {
            table.chose(RuleOfThumb.trump(hands[table.toAct], handSize: table.handSize))
        }
        while !table.isPlayedOut {
            let hand = hands[table.toAct]
            let legal = table.playable(hand)
            perform(.play(RuleOfThumb.card(table, hand: hand, legal: legal, chance: &chance)))
        }
    }
}

extension GameView {
    /// Cards that will be laid before the round ends.
    fileprivate var cardsToCome: Int { table.handSize * 4 - table.played.count }

    /// Bids that will be made before the play, the choice of trump counted as one.
    fileprivate var bidsToCome: Int {
        guard table.phase == .bidding else { return 0 }
        var count = 1
        for seat in Seat.all where table.bids[seat] == nil { count += 1 }
        return count
    }
}

extension Table {
    /// The cards that lie on the table in the present trick.
    fileprivate var trickCards: CardSet {
        var cards = CardSet()
        for seat in Seat.all {
            if let card = trick.card(of: seat) { cards.insert(card) }
        }
        return cards
    }
}

extension CardSet {
    fileprivate func isEmpty(between low: Card, and high: Card) -> Bool {
        bits & ((1 << UInt64(high.code)) &- 1) & ~((2 << UInt64(low.code)) &- 1) == 0
    }
}
