/// A computer player. It sees only its own seat's view.
package enum Player: Sendable, Equatable {
    /// Any legal action, each equally likely.
    case random
    /// Rules of thumb: counts likely tricks, then takes or avoids them.
    case heuristic
    /// Imagines hands that fit what was seen and plays each of them out by rules of thumb.
    /// - Parameter nodes: how many imagined cards a move may cost. A count bounds the time and still gives the
    ///   same move on every machine.
    case strategic(nodes: Int)

    /// A budget that takes about 5 ms on one core, so that a machine ten times as slow stays within 50 ms.
    package static var standardNodes: Int { 100_000 }

    /// What the player does in its turn: a function of the view and of `chance`, so a game replays from a seed.
    /// - Precondition: it is the viewer's turn.
    package func action(in view: GameView, chance: inout Chance) -> Action {
        let legal = view.legalActions
        precondition(!legal.isEmpty, "a player acts in its turn")
        if legal.count == 1 { return legal[0] }
        switch self {
        case .random: return legal[chance.next(below: legal.count)]
        case .heuristic: return RuleOfThumb.action(view.table, hand: view.hand, legal: legal, chance: &chance)
        case .strategic(let nodes):
            return Search(view: view, budget: nodes).best(of: legal, chance: &chance)
        }
    }
}
