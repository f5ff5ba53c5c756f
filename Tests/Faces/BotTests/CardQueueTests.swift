import Bot
import Scheduler
import Testing

@Suite struct CardQueueTests {
    private let game = GameID.random()
    private let other = GameID.random()

    private func refreshes(_ actions: [CardQueue.Action]) -> [GameID] {
        actions.compactMap { if case .refresh(let game) = $0 { game } else { nil } }
    }

    @Test func `a game that changes while it is done is done once more, however often it changed`() {
        var queue = CardQueue()
        #expect(refreshes(queue.noted(game, channel: 1)) == [game])
        for _ in 0..<10 { #expect(refreshes(queue.noted(game, channel: 1)).isEmpty) }
        #expect(refreshes(queue.finished(game, .done, at: .zero)) == [game])
        #expect(refreshes(queue.finished(game, .done, at: .zero)).isEmpty)
        #expect(queue.count == 0)
    }

    @Test func `games of one channel take turns, those of others go beside them`() {
        var queue = CardQueue()
        let third = GameID.random()
        #expect(refreshes(queue.noted(game, channel: 1)) == [game])
        #expect(refreshes(queue.noted(other, channel: 1)).isEmpty)
        #expect(refreshes(queue.noted(third, channel: 2)) == [third])
        #expect(refreshes(queue.finished(game, .done, at: .zero)) == [other])
    }

    @Test func `what failed is tried later, and its channel is free meanwhile`() {
        var queue = CardQueue()
        _ = queue.noted(game, channel: 1)
        _ = queue.noted(other, channel: 1)
        let actions = queue.finished(game, .retry(after: .seconds(5)), at: .seconds(10))
        #expect(refreshes(actions) == [other])
        #expect(actions.last == .wake(at: .seconds(15)))
        _ = queue.finished(other, .done, at: .seconds(11))
        #expect(refreshes(queue.timerFired(at: .seconds(14))).isEmpty)
        #expect(refreshes(queue.timerFired(at: .seconds(15))) == [game])
    }

    @Test func `no more than the width go at a time`() {
        var queue = CardQueue(width: 2)
        let games = (0..<5).map { _ in GameID.random() }
        var running: [GameID] = []
        for (channel, game) in games.enumerated() { running += refreshes(queue.noted(game, channel: Int64(channel))) }
        #expect(running.count == 2)
        var done = 0
        while let next = running.popLast() {
            done += 1
            running += refreshes(queue.finished(next, .done, at: .zero))
            #expect(running.count <= 2)
        }
        #expect(done == 5)
    }
}
