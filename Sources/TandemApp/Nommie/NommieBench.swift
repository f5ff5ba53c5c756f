import Nommie

/// How fast one core plays and searches.
struct NommieBench {
    let seconds: Int

    func run() {
        let clock = ContinuousClock()
        var games = 0
        var begun = clock.now
        var chance = Chance(seed: 1)
        while clock.now - begun < .seconds(seconds) {
            for _ in 0..<100 {
                var state = GameState(seed: UInt64(games))
                while !state.isCompleted {
                    let legal = state.legalActions
                    do {
                        try state.apply(legal[chance.next(below: legal.count)], by: state.table.toAct)
                    } catch {
                        preconditionFailure("a legal action was refused: \(error.code)")
                    }
                }
                games += 1
            }
        }
        print("random games/s: \(decimal(Double(games) / seconds(of: clock.now - begun), 0))")

        var moves: [Double] = []
        var nodes = 0
        begun = clock.now
        var seed: UInt64 = 0
        let strategic = Player.strategic(nodes: Player.standardNodes)
        while clock.now - begun < .seconds(seconds) {
            var state = GameState(seed: seed)
            seed += 1
            // A player of rules of thumb brings the game to one position a round; there the search is timed.
            while !state.isCompleted, clock.now - begun < .seconds(seconds) {
                let view = state.view(for: state.table.toAct)
                if view.legalActions.count > 1, chance.next(below: 16) == 0 {
                    let start = clock.now
                    _ = strategic.action(in: view, chance: &chance)
                    moves.append(seconds(of: clock.now - start))
                    nodes += Player.standardNodes
                }
                let action = Player.heuristic.action(in: view, chance: &chance)
                do { try state.apply(action, by: state.table.toAct) } catch { preconditionFailure("\(error.code)") }
            }
        }
        moves.sort()
        let total = moves.reduce(0, +)
        print("imagined cards/s: \(decimal(Double(nodes) / total, 0))")
        print(
            "strategic move (\(Player.standardNodes) imagined cards): median \(decimal(moves[moves.count / 2] * 1000, 1)) ms, "
                + "99 % \(decimal(moves[moves.count * 99 / 100] * 1000, 1)) ms, highest \(decimal((moves.last ?? 0) * 1000, 1)) ms, "
                + "of \(moves.count)")
    }

    private func seconds(of duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
