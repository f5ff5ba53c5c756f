/// Something that happened at the table and that everybody may know.
package enum Event: Sendable, Equatable {
    case bidMade(Seat, Int)
    case trumpChosen(Seat, Trump)
    case cardPlayed(Seat, Card)
    case trickWon(Seat)
    case roundScored(RoundScore)
    case dealt(round: Int)
    case completed(winners: PerSeat<Bool>)
}

/// The effects of one action.
package struct Transition: Sendable, Equatable {
    package let seat: Seat
    package let action: Action
    package internal(set) var trickWinner: Seat?
    /// The round's score, if the action ended it.
    package internal(set) var scored: RoundScore?
    /// The winners of the game, if the action ended it.
    package internal(set) var winners: PerSeat<Bool>?

    init(seat: Seat, action: Action) {
        self.seat = seat
        self.action = action
    }

    package var events: [Event] {
        var events: [Event] = []
        switch action {
        case .bid(let tricks): events.append(.bidMade(seat, tricks))
        case .chooseTrump(let trump): events.append(.trumpChosen(seat, trump))
        case .play(let card): events.append(.cardPlayed(seat, card))
        }
        if let trickWinner { events.append(.trickWon(trickWinner)) }
        if let scored {
            events.append(.roundScored(scored))
            if winners == nil { events.append(.dealt(round: scored.number + 1)) }
        }
        if let winners { events.append(.completed(winners: winners)) }
        return events
    }
}
