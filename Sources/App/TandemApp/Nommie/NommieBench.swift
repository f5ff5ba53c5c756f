import Nommie

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How fast one core plays and searches. Time is the processor's, so that it doesn't count what else the machine does meanwhile.
struct NommieBench {
    /// For each of the two measurements.
    let seconds: Int

    func run() {
        print("random games/s: \(decimal(gamesPerSecond(), 0))")
        let moves = strategicMoves().sorted()
        let nodes = Player.standardNodes
        print("imagined cards/s: \(decimal(Double(nodes * moves.count) / moves.reduce(0, +), 0))")
        func milliseconds(_ hundredths: Int) -> String {
            decimal(moves[(moves.count - 1) * hundredths / 100] * 1000, 1)
        }
        print(
            "strategic move (\(nodes) imagined cards): median \(milliseconds(50)) ms, 99 % \(milliseconds(99)) ms, "
                + "highest \(milliseconds(100)) ms, of \(moves.count)")
    }

    private func gamesPerSecond() -> Double {
        var chance = Chance(seed: 1)
        var games = 0
        let begun = processorTime()
        while processorTime() - begun < Double(seconds) {
            for _ in 0..<100 {
                var state = GameState(seed: UInt64(games))
                while !state.isCompleted {
                    let legal = state.legalActions
                    act(legal[chance.next(below: legal.count)], in: &state)
                }
                games += 1
            }
        }
        return Double(games) / (processorTime() - begun)
    }

    /// How long each search took. A player of rules of thumb brings the games to where they are timed: each sixteenth choice.
    private func strategicMoves() -> [Double] {
        let strategic = Player.strategic(nodes: Player.standardNodes)
        var chance = Chance(seed: 1)
        var moves: [Double] = []
        var seed: UInt64 = 0
        let begun = processorTime()
        while moves.isEmpty || processorTime() - begun < Double(seconds) {
            var state = GameState(seed: seed)
            seed += 1
            while !state.isCompleted {
                let view = state.view(for: state.table.toAct)
                if view.legalActions.count > 1, chance.next(below: 16) == 0 {
                    let start = processorTime()
                    _ = strategic.action(in: view, chance: &chance)
                    moves.append(processorTime() - start)
                }
                act(Player.heuristic.action(in: view, chance: &chance), in: &state)
            }
        }
        return moves
    }

    private func act(_ action: Action, in state: inout GameState) {
        do { try state.apply(action, by: state.table.toAct) } catch {
            preconditionFailure("a legal action was refused: \(error.code)")
        }
    }
}

/// How long the processor has worked for this program, in seconds.
private func processorTime() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
