import Nommie
import Testing

struct RandomGameTests {
    @Test func `a random game ends after 26 rounds and 184 tricks`() throws {
        var state = GameState(seed: 1)
        var chance = Chance(seed: 1)
        var tricks = 0
        while !state.isCompleted {
            let seat = state.table.toAct
            let action = Player.random.action(in: state.view(for: seat), chance: &chance)
            if try state.apply(action, by: seat).trickWinner != nil { tricks += 1 }
        }
        #expect(tricks == 184)
        #expect(state.sheet.rounds.count == 26)
    }
}
