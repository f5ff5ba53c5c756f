import Nommie

/// A finished game as one line of JSON: what was done, what was refused on the way, and how it ended. A referee who knows the rules
/// and how cards are dealt can follow it without this program.
struct GameRecord {
    let line: String

    /// Random players and players by rules of thumb, mixed by the seed; now and then a seat tries what it may not do.
    init(seed: UInt64) {
        var chance = Chance(seed: seed, stream: 1 << 33)
        let players = (0..<4).map { _ in chance.next(below: 3) == 0 ? Player.heuristic : .random }
        var moves: [String] = []
        var refused: [String] = []
        let end = SelfPlay.game(seed: seed, players) { state, action in
            if chance.next(below: 8) == 0, let tried = Action(code: UInt8(chance.next(below: 128))) {
                let seat = chance.next(below: 4) == 0 ? Seat(chance.next(below: 4)) : state.table.toAct
                let code = state.violation(of: tried, by: seat).map { "\"\($0.code)\"" } ?? "null"
                refused.append("[\(moves.count),\(seat.index),\(GameRecord.word(tried)),\(code)]")
            }
            moves.append("[\(state.table.toAct.index),\(GameRecord.word(action))]")
        }
        let rounds = end.sheet.rounds.map { round in
            "{\"bids\":\(GameRecord.list(round.bids)),\"tricks\":\(GameRecord.list(round.tricks))}"
        }
        let winners = Seat.all.filter { end.sheet.leaders[$0] }.map { "\($0.index)" }
        line =
            "{\"seed\":\"\(seed)\",\"moves\":[\(moves.joined(separator: ","))],\"tried\":[\(refused.joined(separator: ","))],"
            + "\"rounds\":[\(rounds.joined(separator: ","))],\"totals\":\(GameRecord.list(end.sheet.totals)),"
            + "\"winners\":[\(winners.joined(separator: ","))]}"
    }

    /// A bid is a number, anything else text.
    private static func word(_ action: Action) -> String {
        switch action {
        case .bid(let tricks): "\(tricks)"
        case .chooseTrump(let trump): "\"\(trump.code)\""
        case .play(let card): "\"\(card.name)\""
        }
    }

    private static func list(_ values: PerSeat<Int>) -> String {
        "[" + Seat.all.map { "\(values[$0])" }.joined(separator: ",") + "]"
    }
}
