/// A finished round.
package struct RoundScore: Sendable, Equatable {
    /// 1…26.
    package let number: Int
    package let bids: PerSeat<Int>
    package let tricks: PerSeat<Int>
    package let trump: Trump

    package init(number: Int, bids: PerSeat<Int>, tricks: PerSeat<Int>, trump: Trump) {
        self.number = number
        self.bids = bids
        self.tricks = tricks
        self.trump = trump
    }

    package func points(of seat: Seat) -> Int { tricks[seat] + (tricks[seat] == bids[seat] ? 10 : 0) }
}

/// The finished rounds of a game, in order.
package struct ScoreSheet: Sendable, Equatable {
    package private(set) var rounds: [RoundScore] = []
    package private(set) var totals = PerSeat<Int>(repeating: 0)

    package init() {}

    mutating func add(_ score: RoundScore) {
        rounds.append(score)
        for seat in Seat.all { totals[seat] += score.points(of: seat) }
    }

    /// Seats that bid zero in each of the three last rounds.
    var zeroBarred: PerSeat<Bool> {
        var barred = PerSeat(repeating: false)
        guard rounds.count >= 3 else { return barred }
        for seat in Seat.all {
            barred[seat] =
                rounds[rounds.count - 1].bids[seat] == 0 && rounds[rounds.count - 2].bids[seat] == 0
                && rounds[rounds.count - 3].bids[seat] == 0
        }
        return barred
    }

    /// The seats with the highest total: one or several.
    package var leaders: PerSeat<Bool> {
        var highest = 0
        for seat in Seat.all { highest = max(highest, totals[seat]) }
        var leading = PerSeat(repeating: false)
        for seat in Seat.all { leading[seat] = totals[seat] == highest }
        return leading
    }
}
