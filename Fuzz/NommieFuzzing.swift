import Nommie

/// Bytes that are read as a game, a view or an action are written as the same bytes, have a JSON form that gives the
/// same, and can go on.
enum NommieFuzzing {
    static func run(_ input: [UInt8]) {
        if let action = try? Action(binary: input) { precondition(action.binary == input) }
        if let view = try? GameView(binary: input) {
            precondition(view.binary == input)
            precondition(view.hand.intersection(view.table.played).isEmpty)
            precondition((try? GameView(json: view.json)) == view)
            if !view.legalActions.isEmpty {
                var chance = Chance(seed: 1)
                for player in [Player.random, .heuristic, .strategic(nodes: 40)] {
                    let action = player.action(in: view, chance: &chance)
                    precondition(view.legalActions.contains(action))
                }
            }
        }
        guard var state = try? GameState(binary: input) else { return }
        precondition(state.binary == input)
        precondition((try? GameState(json: state.json)) == state)
        while !state.isCompleted, state.table.number < 3 {
            let legal = state.legalActions
            precondition(!legal.isEmpty)
            guard (try? state.apply(legal[legal.count / 2], by: state.table.toAct)) != nil else {
                preconditionFailure("a legal action is refused")
            }
        }
    }
}
