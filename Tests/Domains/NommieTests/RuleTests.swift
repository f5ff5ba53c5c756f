import Nommie
import Testing

/// The rules, one by one.
struct RuleTests {
    @Test func `four seats follow each other clockwise`() {
        #expect(Seat.all.map { $0.index } == [0, 1, 2, 3])
        #expect(Seat.all.map { $0.next.index } == [1, 2, 3, 0])
        #expect(Seat(1).distance(from: 3) == 2)
    }

    @Test func `26 rounds go from 13 cards to 3, four times 2, and from 3 to 13`() {
        let sizes = (1...26).map { Schedule.handSize(round: $0) }
        #expect(sizes == Array((3...13).reversed()) + [2, 2, 2, 2] + Array(3...13))
    }

    @Test func `seat 0 deals round 1, and the deal goes round`() {
        #expect((1...6).map { Schedule.dealer(round: $0).index } == [0, 1, 2, 3, 0, 1])
    }

    @Test(arguments: [1, 12, 26]) func `each round has fresh hands of its size`(round: Int) {
        let hands = Deal.hands(seed: 7, round: round)
        let size = Schedule.handSize(round: round)
        #expect(Seat.all.allSatisfy { hands[$0].count == size })
        #expect(Seat.all.reduce(CardSet()) { $0.union(hands[$1]) }.count == size * 4)
    }

    @Test func `deals follow from seed and round alone`() {
        #expect(Deal.hands(seed: 7, round: 3) == Deal.hands(seed: 7, round: 3))
        #expect(Deal.hands(seed: 7, round: 3) != Deal.hands(seed: 7, round: 4))
        #expect(Deal.hands(seed: 7, round: 3) != Deal.hands(seed: 8, round: 3))
    }

    @Test func `every card is dealt to every seat about equally often`() {
        var counts = [Int](repeating: 0, count: 256)
        for seed in 0..<UInt64(4000) {
            let hands = Deal.hands(seed: seed, round: 1)
            for seat in Seat.all { for card in hands[seat] { counts[seat.index * 64 + Int(card.code)] += 1 } }
        }
        let dealt = counts.filter { $0 > 0 }
        #expect(dealt.count == 208)
        // 1000 expected; five standard deviations are 137.
        #expect(dealt.allSatisfy { abs($0 - 1000) < 137 })
    }

    @Test func `bidding begins left of the dealer and ends with the dealer`() throws {
        var state = GameState(seed: 1)
        for seat in [1, 2, 3, 0] as [Seat] {
            #expect(state.table.toAct == seat && state.table.phase == .bidding)
            try state.apply(.bid(2), by: seat)
        }
        #expect(state.table.phase == .trumpSelection)
    }

    @Test(arguments: [-1, 14, 100, Int.max, Int.min]) func `a bid lies between 0 and the hand size`(bid: Int) {
        refuses(GameState(seed: 1), .bid(bid), by: 1, .bidOutOfRange)
    }

    @Test func `the dealer may not make the bids add up to the hand size`() throws {
        var state = GameState(seed: 1)
        try state.play(.bid(3), .bid(4), .bid(1))
        #expect(state.table.bidConstraints == BidConstraints(minimum: 0, maximum: 13, barred: 5))
        refuses(state, .bid(5), by: 0, .bidMakesTotal)
        #expect(!state.legalActions.contains(.bid(5)) && state.legalActions.count == 13)
        try state.play(.bid(6))
    }

    @Test func `nothing is barred once the others have bid more than the hand size`() throws {
        var state = GameState(seed: 1)
        try state.play(.bid(13), .bid(13), .bid(13))
        #expect(state.table.bidConstraints?.barred == nil && state.legalActions.count == 14)
    }

    @Test func `after zero in each of three rounds, zero is refused once`() throws {
        var state = GameState(seed: 3)
        for _ in 1...3 { try state.playRound(bids: [1, 0, 1, 1]) }
        while state.table.toAct != 1 { try state.play(.bid(1)) }
        #expect(state.table.bidConstraints?.minimum == 1)
        refuses(state, .bid(0), by: 1, .fourthZero)
        #expect(RuleViolation.fourthZero.code.text == "INVALID_BID")
        try state.playRound(bids: [1, 1, 1, 1])
        while state.table.toAct != 1 { try state.play(.bid(1)) }
        #expect(state.table.bidConstraints?.minimum == 0)
    }

    @Test(arguments: [
        ([3, 1, 5, 2], 2), ([5, 1, 5, 5], 2), ([4, 4, 0, 0], 1), ([0, 0, 0, 0], 1), ([9, 0, 0, 0], 0),
    ])
    func `the highest bid chooses trump, the earliest bidder on a tie`(bids: [Int], chooser: Int) throws {
        var state = GameState(seed: 1)
        for seat in [1, 2, 3, 0] { try state.play(.bid(bids[seat])) }
        #expect(state.table.bidWinner == Seat(chooser) && state.table.toAct == Seat(chooser))
        let other = Seat(chooser).next
        refuses(state, .chooseTrump(.hearts), by: other, .outOfTurn)
        #expect(state.legalActions.count == 5)
    }

    @Test func `left of the dealer leads, whoever chose trump`() throws {
        var state = GameState(seed: 1)
        try state.play(.bid(0), .bid(0), .bid(4), .bid(1), .chooseTrump(.spades))
        #expect(state.table.bidWinner == 3 && state.table.toAct == 1)
    }

    @Test func `a seat that has the suit led follows it`() throws {
        var state = GameState(seed: 1)
        try state.play(.bid(0), .bid(0), .bid(4), .bid(1), .chooseTrump(.none), .play(Card(.hearts, rank: 0)))
        let hand = state.hands[2]
        let other = try #require(hand.subtracting(hand.of(.hearts))[0] as Card?)
        #expect(!hand.of(.hearts).isEmpty)
        refuses(state, .play(other), by: 2, .mustFollowSuit)
        #expect(state.legalActions.cards == hand.of(.hearts))
    }

    @Test func `a seat that lacks the suit led lays anything, and everybody has seen it`() throws {
        var state = GameState(seed: 1)
        var chance = Chance(seed: 4)
        while !state.isCompleted {
            let seat = state.table.toAct
            let action = Player.random.action(in: state.view(for: seat), chance: &chance)
            if case .play = action, let led = state.table.trick.suitLed, state.hands[seat].of(led).isEmpty {
                #expect(state.legalActions.cards == state.hands[seat])
                try state.apply(action, by: seat)
                if state.table.tricksPlayed > 0 { #expect(state.table.voids[seat].contains(led)) }
                return
            }
            try state.apply(action, by: seat)
        }
        Issue.record("nobody was ever void")
    }

    @Test func `a card of another's hand is refused`() throws {
        var state = GameState(seed: 1)
        try state.play(.bid(0), .bid(0), .bid(4), .bid(1), .chooseTrump(.none))
        refuses(state, .play(state.hands[2][0]), by: 1, .cardNotInHand)
    }

    @Test(arguments: [
        ("2H KH AS AH", Trump.none, 3), ("2H KH AS AH", .spades, 2), ("2H 2S 3S AH", .spades, 2),
        ("AH KH QH JH", .clubs, 0), ("2D AC AH AS", .none, 0), ("9C TC JC 2D", .diamonds, 3),
    ])
    func `the highest trump wins, else the highest of the suit led`(cards: String, trump: Trump, winner: Int) throws {
        let cards = cards.split(separator: " ").map { Array($0.utf8) }
        var trick = Trick(leader: 0)
        for letters in cards {
            trick.add(try #require(Card(rankLetter: letters[0], suitLetter: letters[1])), trump: trump)
        }
        #expect(trick.winner == Seat(winner))
    }

    @Test func `the winner of a trick leads the next`() throws {
        var state = GameState(seed: 1)
        var chance = Chance(seed: 1)
        for _ in 0..<300 {
            let seat = state.table.toAct
            let done = try state.apply(Player.random.action(in: state.view(for: seat), chance: &chance), by: seat)
            if let winner = done.trickWinner, done.scored == nil {
                #expect(state.table.toAct == winner && state.table.trick.leader == winner)
            }
        }
    }

    @Test func `a round counts the tricks, and ten more for an exact bid, zero included`() {
        #expect(points(bids: [0, 3, 5, 4], tricks: [0, 3, 6, 4]) == [10, 13, 6, 14])
        #expect(points(bids: [1, 0, 0, 13], tricks: [0, 1, 0, 12]) == [0, 1, 10, 12])
    }

    private func points(bids: [Int], tricks: [Int]) -> [Int] {
        var made = PerSeat(repeating: 0)
        var won = PerSeat(repeating: 0)
        for seat in Seat.all { (made[seat], won[seat]) = (bids[seat.index], tricks[seat.index]) }
        let score = RoundScore(number: 1, bids: made, tricks: won, trump: .none)
        return Seat.all.map { score.points(of: $0) }
    }

    @Test func `the highest total wins, and equals share`() throws {
        var totals = Set<Int>()
        for seed in 0..<UInt64(120) {
            let end = try wholeGame(seed: seed)
            let highest = Seat.all.map { end.sheet.totals[$0] }.max()
            let winners = Seat.all.filter { end.sheet.leaders[$0] }
            #expect(winners == Seat.all.filter { end.sheet.totals[$0] == highest })
            totals.insert(winners.count)
        }
        #expect(totals.isSuperset(of: [1, 2]))
    }

    @Test func `each phase refuses what belongs to another`() throws {
        var state = GameState(seed: 1)
        let card = Action.play(state.hands[1][0])
        refuses(state, card, by: 1, .phaseMismatch)
        refuses(state, .chooseTrump(.clubs), by: 1, .phaseMismatch)
        try state.play(.bid(1), .bid(1), .bid(1), .bid(1))
        refuses(state, .bid(1), by: 1, .phaseMismatch)
        try state.play(.chooseTrump(.clubs))
        refuses(state, .chooseTrump(.clubs), by: 1, .phaseMismatch)
        let end = try wholeGame(seed: 1)
        refuses(end, card, by: 1, .phaseMismatch)
        refuses(end, .bid(1), by: 1, .phaseMismatch)
    }

    @Test func `the last card scores the round and deals the next in one action`() throws {
        var state = GameState(seed: 1)
        var last: Transition?
        try state.play(.bid(1), .bid(1), .bid(1), .bid(1), .chooseTrump(.none))
        while state.table.number == 1 { last = try state.apply(state.legalActions[0], by: state.table.toAct) }
        let kinds = last?.events.map { event -> String in
            switch event {
            case .cardPlayed: "card"
            case .trickWon: "trick"
            case .roundScored: "score"
            case .dealt(2): "deal"
            default: "other"
            }
        }
        #expect(kinds == ["card", "trick", "score", "deal"])
        #expect(state.table.phase == .bidding && state.table.toAct == 2 && state.hands[0].count == 12)
        #expect(state.table.lastTrick?.isWhole == true)
    }
}
