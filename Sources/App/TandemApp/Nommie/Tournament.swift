import Core
import Nommie

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One player of a kind against three of another, in every seat in turn, on the same deals as four of the other kind.
struct Tournament {
    let games: Int
    let nodes: Int
    let seed: UInt64

    /// - Returns: whether the better player was significantly better in every seat.
    func run() -> Bool {
        print("win rates with 95 % confidence intervals (Wilson); a shared win counts its share")
        let strategic = compare(
            "Strategic", .strategic(nodes: nodes), "Heuristic", .heuristic, games: games, reference: max(games, 1000))
        let heuristic = compare(
            "Heuristic", .heuristic, "Random", .random, games: max(games, 1000), reference: max(games, 1000))
        return strategic && heuristic
    }

    private func compare(
        _ name: String, _ player: Player, _ otherName: String, _ other: Player, games: Int, reference: Int
    ) -> Bool {
        print("\n\(name) against three \(otherName), \(games) games a seat; four \(otherName), \(reference) games")
        let equal = shares([Player](repeating: other, count: 4), games: reference)
        var isBetter = true
        for seat in Seat.all {
            var players = [Player](repeating: other, count: 4)
            players[seat.index] = player
            let start = TimeSource.system.now
            let rate = Rate(wins: shares(players, games: games)[seat.index], games: games)
            let usual = Rate(wins: equal[seat.index], games: reference)
            let significant = rate.low > usual.high
            isBetter = isBetter && significant
            let time = decimal((TimeSource.system.now - start) / .seconds(1), 1)
            print(
                "  seat \(seat.index): \(name) \(rate), \(otherName) there \(usual): "
                    + (significant ? "better" : "NOT significantly better") + ", \(time) s")
            fflush(nil)
        }
        return isBetter
    }

    /// How many games each seat won.
    private func shares(_ players: [Player], games: Int) -> [Double] {
        var shares = [Double](repeating: 0, count: 4)
        for game in 0..<games {
            let leaders = SelfPlay.game(seed: seed &+ UInt64(game), players).sheet.leaders
            let winners = Seat.all.filter { leaders[$0] }
            for winner in winners { shares[winner.index] += 1 / Double(winners.count) }
        }
        return shares
    }
}

/// A whole game among programs.
enum SelfPlay {
    /// - Parameter acted: told of every action, before it is done.
    static func game(
        seed: UInt64, _ players: [Player], acted: (borrowing GameState, Action) -> Void = { _, _ in }
    ) -> GameState {
        var state = GameState(seed: seed)
        var chances = (0..<4).map { Chance(seed: seed, stream: 1 << 32 + UInt64($0)) }
        while !state.isCompleted {
            let seat = state.table.toAct
            let action = players[seat.index].action(in: state.view(for: seat), chance: &chances[seat.index])
            acted(state, action)
            do { try state.apply(action, by: seat) } catch {
                preconditionFailure("a player broke a rule: \(error.code)")
            }
        }
        return state
    }
}

/// A share of wins with Wilson's interval.
struct Rate: CustomStringConvertible {
    let wins: Double
    let games: Int

    private var centre: Double { (share + 1.96 * 1.96 / (2 * count)) / (1 + 1.96 * 1.96 / count) }
    private var half: Double {
        1.96 * (share * (1 - share) / count + 1.96 * 1.96 / (4 * count * count)).squareRoot()
            / (1 + 1.96 * 1.96 / count)
    }
    private var count: Double { Double(games) }
    private var share: Double { wins / count }
    var low: Double { max(0, centre - half) }
    var high: Double { min(1, centre + half) }
    var description: String { "\(decimal(share * 100, 1)) % (\(decimal(low * 100, 1))–\(decimal(high * 100, 1)))" }
}

/// A number with so many decimal places.
func decimal(_ value: Double, _ places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    return "\(scaled / scale)"
        + (places == 0 ? "" : "." + String(repeating: "0", count: places - fraction.count) + fraction)
}
