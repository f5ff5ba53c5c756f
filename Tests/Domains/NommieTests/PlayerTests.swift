import Nommie
import Testing

struct PlayerTests {
    static let kinds: [Player] = [.random, .heuristic, .strategic(nodes: 300)]

    @Test(arguments: kinds) func `a player keeps to the rules for a whole game`(player: Player) throws {
        var state = GameState(seed: 2)
        var chance = Chance(seed: 2)
        while !state.isCompleted {
            let seat = state.table.toAct
            try state.apply(player.action(in: state.view(for: seat), chance: &chance), by: seat)
        }
        #expect(state.sheet.rounds.count == 26)
    }

    @Test(arguments: kinds) func `the same seed plays the same game`(player: Player) throws {
        func moves() throws -> GameState {
            var state = GameState(seed: 9)
            var chance = Chance(seed: 10)
            while state.table.number < 3 {
                let seat = state.table.toAct
                try state.apply(player.action(in: state.view(for: seat), chance: &chance), by: seat)
            }
            return state
        }
        #expect(try moves() == moves())
    }

    @Test func `a player knows no more than its view, in bytes or not`() throws {
        var state = GameState(seed: 4)
        var chance = Chance(seed: 4)
        for _ in 0..<80 {
            let view = state.view(for: state.table.toAct)
            var first = chance
            var second = chance
            let action = Player.strategic(nodes: 300).action(in: view, chance: &first)
            #expect(
                try Player.strategic(nodes: 300).action(in: GameView(binary: view.binary), chance: &second) == action)
            chance = first
            try state.apply(action, by: state.table.toAct)
        }
    }

    @Test func `random tries every action about equally often`() {
        let view = GameState(seed: 1).view(for: 1)
        var chance = Chance(seed: 1)
        var counts = [Int](repeating: 0, count: 14)
        for _ in 0..<14_000 {
            if case .bid(let tricks) = Player.random.action(in: view, chance: &chance) { counts[tricks] += 1 }
        }
        #expect(counts.allSatisfy { abs($0 - 1000) < 160 })
    }

    @Test func `numbers below a bound are equally likely`() {
        var chance = Chance(seed: 3)
        var counts = [Int](repeating: 0, count: 52)
        for _ in 0..<52_000 { counts[chance.next(below: 52)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 1000) < 160 })
    }
}
