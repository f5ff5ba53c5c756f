import Core
import Discord
import Testing
import TestSupport

struct IdentifyTurnTests {
    @Test func `others wait for more than five seconds once a shard has identified`() async throws {
        let time = ManualTime()
        let turn = IdentifyTurn()
        let end = Task {
            await turn.wait(time: time.source)
            return time.now
        }
        turn.end(identified: true)
        // When the connection ends afterwards, the turn was used all the same.
        turn.end(identified: false)
        try await time.waitForSleepers()
        time.advance(by: .seconds(5))
        #expect(time.sleepers.count == 1)
        time.advance(by: .seconds(1))
        #expect(await end.value == .seconds(6))
    }

    @Test func `a turn that wasn't used is over at once`() async {
        let turn = IdentifyTurn()
        turn.end(identified: false)
        await turn.wait(time: ManualTime().source)
    }
}
