import Nommie

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a larger budget is worth: four strategic players that differ in it alone sit at one table. Each deal is played four times,
/// so that every budget has every seat once.
struct BudgetComparison {
    static let usualBudgets = [1000, 5000, 20_000, 100_000]

    /// Four, in imagined cards a move.
    let budgets: [Int]
    let deals: Int
    let seed: UInt64

    func run() {
        let games = deals * 4
        var wins = [Double](repeating: 0, count: 4)
        var points = [0, 0, 0, 0]
        for deal in 0..<deals {
            for turn in 0..<4 {
                let players = (0..<4).map { Player.strategic(nodes: budgets[($0 + turn) % 4]) }
                let sheet = SelfPlay.game(seed: seed &+ UInt64(deal), players).sheet
                let winners = Seat.all.filter { sheet.leaders[$0] }
                for winner in winners { wins[(winner.index + turn) % 4] += 1 / Double(winners.count) }
                for seat in Seat.all { points[(seat.index + turn) % 4] += sheet.totals[seat] }
            }
        }
        print("four budgets at one table, \(games) games: win rates with 95 % confidence intervals, mean points")
        for (place, budget) in budgets.enumerated() {
            let mean = decimal(Double(points[place]) / Double(games), 1)
            print("  \(budget) imagined cards a move: \(Rate(wins: wins[place], games: games)), \(mean) points")
        }
        fflush(nil)
    }
}
