import Nommie

/// A finished game as one line of JSON: what was done, what was refused on the way, and how it ended. A referee who knows the rules
/// and how cards are dealt can follow it without this program. Another build of the rules, such as that for browsers, can be held
/// against it bit for bit: `choices` are what players would do now and then, `views` what is seen there as JSON (a digest of it),
/// `state` is the end's binary form.
struct GameRecord {
    let line: String

    /// Random players and players by rules of thumb, mixed by the seed; now and then a seat tries what it may not do.
    init(seed: UInt64) {
        var chance = Chance(seed: seed, stream: 1 << 33)
        let players = (0..<4).map { _ in chance.next(below: 3) == 0 ? Player.heuristic : .random }
        var moves: [String] = []
        var refused: [String] = []
        var choices: [String] = []
        var views: [String] = []
        let end = SelfPlay.game(seed: seed, players) { state, action in
            if chance.next(below: 8) == 0, let tried = Action(code: UInt8(chance.next(below: 128))) {
                let seat = chance.next(below: 4) == 0 ? Seat(chance.next(below: 4)) : state.table.toAct
                let code = state.violation(of: tried, by: seat).map { "\"\($0.code)\"" } ?? "null"
                refused.append("[\(moves.count),\(seat.index),\(GameRecord.word(tried)),\(code)]")
            }
            if moves.count % GameRecord.askedEvery == 0 {
                choices.append("[\(moves.count),\(GameRecord.choices(in: state, after: moves.count))]")
                views.append("[\(moves.count),\(GameRecord.digest(state.view(for: state.table.toAct).json))]")
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
            + "\"winners\":[\(winners.joined(separator: ","))],"
            + "\"choices\":[\(choices.joined(separator: ","))],\"views\":[\(views.joined(separator: ","))],\"state\":\"\(GameRecord.hexadecimal(end.binary))\"}"
    }

    /// A prime, so that every kind of turn comes up.
    private static let askedEvery = 89

    /// What a random, a heuristic and a strategic player would do, in this order.
    private static func choices(in state: GameState, after moves: Int) -> String {
        let players: [Player] = [.random, .heuristic, .strategic(nodes: 500)]
        return players.map { player in
            var chance = Chance(seed: ~state.seed, stream: UInt64(moves))
            return word(player.action(in: state.view(for: state.table.toAct), chance: &chance))
        }.joined(separator: ",")
    }

    /// FNV-1a of 32 bits.
    private static func digest(_ bytes: [UInt8]) -> UInt32 {
        bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
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
