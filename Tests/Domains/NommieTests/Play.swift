import Nommie
import Testing

extension GameState {
    /// Does one action after the other, each by the seat whose turn it is.
    mutating func play(_ actions: Action...) throws(RuleViolation) {
        for action in actions { try apply(action, by: table.toAct) }
    }

    /// Plays a round to its end; the first legal card each time, no trumps.
    mutating func playRound(bids: [Int]) throws(RuleViolation) {
        let number = table.number
        while table.phase == .bidding { try play(.bid(bids[table.toAct.index])) }
        try play(.chooseTrump(.none))
        while table.number == number, !isCompleted { try play(legalActions[0]) }
    }
}

/// A whole game of random players.
func wholeGame(seed: UInt64, each: (GameState) throws -> Void = { _ in }) throws -> GameState {
    var state = GameState(seed: seed)
    var chance = Chance(seed: seed, stream: 99)
    while !state.isCompleted {
        try each(state)
        let legal = state.legalActions
        try state.apply(legal[chance.next(below: legal.count)], by: state.table.toAct)
    }
    return state
}

/// A game of random players after so many actions.
func position(in seed: UInt64, after count: Int) throws -> GameState {
    var states: [GameState] = []
    _ = try wholeGame(seed: seed) { if states.count <= count { states.append($0) } }
    return states[count]
}

func refuses(
    _ state: GameState, _ action: Action, by seat: Seat, _ violation: RuleViolation,
    at location: SourceLocation = #_sourceLocation
) {
    var copy = state
    #expect(throws: violation, sourceLocation: location) { try copy.apply(action, by: seat) }
    #expect(copy == state, sourceLocation: location)
}

extension StaticString {
    var text: String { "\(self)" }
}
