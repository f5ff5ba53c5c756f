// What both written forms contain: the finished rounds, the last of them's last trick where no later one took its place, and
// the moves since the last deal. Reading checks the rounds and plays the moves again, so that no form gives a state or a view to
// which the rules can't lead. No form contains how the cards of earlier rounds fell; that is taken to be possible.

extension GameState {
    /// The game of a seed after the rounds of `sheet` and these moves, which may not end a round that is not the game's last.
    /// - Parameter lastTrick: that of the round before, if there is one, as long as no trick of the present one is finished.
    init(seed: UInt64, sheet: ScoreSheet, lastTrick: Trick?, moves: [Action]) throws(FormError) {
        if let lastTrick {
            let dealt = Deal.hands(seed: seed, round: sheet.rounds.count)
            for seat in Seat.all {
                guard let card = lastTrick.card(of: seat), dealt[seat].contains(card) else { throw .impossible }
            }
        }
        var state = GameState(seed: seed, sheet: sheet, lastTrick: lastTrick)
        for move in moves {
            do throws(RuleViolation) { try state.apply(move, by: state.table.toAct) } catch { throw .impossible }
        }
        guard state.table.number == sheet.rounds.count + 1 else { throw .impossible }
        try state.table.check(lastTrick, after: sheet)
        self = state
    }
}

extension GameView {
    /// What a viewer sees after the rounds of `sheet` and these moves.
    /// - Parameters:
    ///   - lastTrick: that of the round before, if there is one, as long as no trick of the present one is finished.
    ///   - hand: the viewer's; empty for a spectator.
    init(viewer: Seat?, sheet: ScoreSheet, lastTrick: Trick?, hand: CardSet, moves: [Action]) throws(FormError) {
        var sheet = sheet
        var table = Table(number: sheet.rounds.count + 1, zeroBarred: sheet.zeroBarred, lastTrick: lastTrick)
        for move in moves { try table.repeated(move) }
        try table.check(lastTrick, after: sheet)
        guard hand.intersection(table.played).isEmpty, table.couldHold(hand, viewer) else { throw .impossible }
        if table.isPlayedOut {
            guard table.number == Schedule.rounds else { throw .impossible }
            sheet.add(table.score)
            table.phase = .completed
        }
        var codes: [UInt8] = []
        for move in moves { codes.append(move.code) }
        self.init(viewer: viewer, table: table, sheet: sheet, hand: hand, moves: codes)
    }
}

extension Table {
    /// Four bids, the choice of trump and four cards.
    static var movesToFirstTrick: Int { 9 }

    /// Repeats the moves, checking what can be checked without knowing the hands.
    fileprivate mutating func repeated(_ action: Action) throws(FormError) {
        guard !isPlayedOut, violation(of: action, by: toAct) == nil else { throw .impossible }
        switch action {
        case .bid(let tricks): made(bid: tricks)
        case .chooseTrump(let trump): chose(trump)
        case .play(let card):
            guard !played.contains(card), !voids[toAct].contains(card.suit) else { throw .impossible }
            laid(card)
        }
    }

    /// The form has a last trick exactly if there is one that the moves don't contain.
    fileprivate func check(_ lastTrick: Trick?, after sheet: ScoreSheet) throws(FormError) {
        let isTold = tricksPlayed > 0 || sheet.rounds.isEmpty
        guard isTold == (lastTrick == nil) else { throw .impossible }
    }

    /// Whether a viewer may have this hand, and the others still can hold as many cards as they must of those that remain.
    fileprivate func couldHold(_ hand: CardSet, _ viewer: Seat?) -> Bool {
        guard hand.count == (viewer.map { cardsHeld(by: $0) } ?? 0) else { return false }
        let unseen = CardSet.deck.subtracting(played).subtracting(hand)
        // Hall's condition: any seats together find enough cards of the suits that one of them at least may hold.
        for group in 1..<16 {
            var needed = 0
            var allowed = CardSet()
            for seat in Seat.all where group & (1 << seat.index) != 0 {
                needed += seat == viewer ? 0 : cardsHeld(by: seat)
                allowed = seat == viewer ? allowed : allowed.union(notLacked(by: seat))
            }
            if unseen.intersection(allowed).count < needed { return false }
        }
        return viewer.map { hand.subtracting(notLacked(by: $0)).isEmpty } ?? true
    }

    /// The cards of the suits that a seat has not shown to lack.
    private func notLacked(by seat: Seat) -> CardSet {
        var cards = CardSet()
        for suit in Suit.all where !voids[seat].contains(suit) { cards = cards.union(.all(of: suit)) }
        return cards
    }
}

extension ScoreSheet {
    /// Adds the next round, if the rules can lead to it after those before.
    mutating func addRound(bids: PerSeat<Int>, tricks: PerSeat<Int>, trump: Trump) throws(FormError) {
        let number = rounds.count + 1
        guard number <= Schedule.rounds else { throw .impossible }
        let size = Schedule.handSize(round: number)
        let barred = zeroBarred
        var bidSum = 0
        var trickSum = 0
        for seat in Seat.all {
            guard 0...size ~= bids[seat], bids[seat] > 0 || !barred[seat], 0...size ~= tricks[seat] else {
                throw .impossible
            }
            bidSum += bids[seat]
            trickSum += tricks[seat]
        }
        guard bidSum != size, trickSum == size else { throw .impossible }
        add(RoundScore(number: number, bids: bids, tricks: tricks, trump: trump))
    }

    /// The last trick of the last round, if the rules can lead to it.
    /// - Parameter cards: four, in the order in which they were laid.
    func lastTrick(leader: Seat, cards: [Card]) throws(FormError) -> Trick {
        guard let round = rounds.last else { throw .impossible }
        var trick = Trick(leader: leader)
        var laid = CardSet()
        for card in cards {
            guard !trick.isWhole, !laid.contains(card) else { throw .impossible }
            laid.insert(card)
            trick.add(card, trump: round.trump)
        }
        // The leader has won the trick before: a round has two at least.
        let leaderWon = trick.winner == leader ? 2 : 1
        guard trick.isWhole, round.tricks[trick.winner] > 0, round.tricks[leader] >= leaderWon else {
            throw .impossible
        }
        return trick
    }
}
