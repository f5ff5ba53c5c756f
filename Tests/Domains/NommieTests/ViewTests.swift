import Nommie
import Testing

struct ViewTests {
    @Test func `a view holds no card of another hand, and choices only in turn`() throws {
        _ = try wholeGame(seed: 8) { (state: GameState) throws in
            for seat in Seat.all {
                let view = state.view(for: seat)
                #expect(view.hand == state.hands[seat])
                #expect(view.legalActions.isEmpty == (seat != state.table.toAct))
                for other in Seat.all where other != seat {
                    #expect(view.unseen.intersection(state.hands[other]) == state.hands[other])
                }
            }
            #expect(state.view(for: nil).hand.isEmpty && state.view(for: nil).legalActions.isEmpty)
        }
    }

    @Test func `what one seat sees does not depend on what the others hold`() throws {
        // Two games whose seeds differ look the same to a watcher until a card is laid.
        var first = GameState(seed: 1)
        var second = GameState(seed: 2)
        for action in [Action.bid(2), .bid(2), .bid(2), .bid(2), .chooseTrump(.hearts)] {
            #expect(first.view(for: nil) == second.view(for: nil))
            #expect(first.view(for: nil).json == second.view(for: nil).json)
            try first.play(action)
            try second.play(action)
        }
    }
}
