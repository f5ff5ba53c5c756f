import Bot
import Scheduler
import Testing

struct CardQueueTests {
    private let game = GameID.random()
    private let other = GameID.random()

    private func refreshes(_ actions: [CardQueue.Action]) -> [GameID] {
        actions.compactMap { if case .refresh(let game) = $0 { game } else { nil } }
    }

    @Test func `a game that changes while its card is refreshed is refreshed once more, however often it changed`() {
        var queue = CardQueue()
        #expect(refreshes(queue.noted(game, channel: 1)) == [game])
        for _ in 0..<10 { #expect(refreshes(queue.noted(game, channel: 1)).isEmpty) }
        #expect(refreshes(queue.finished(game, .done, at: .zero)) == [game])
        #expect(refreshes(queue.finished(game, .done, at: .zero)).isEmpty)
        #expect(queue.count == 0)
    }

    @Test func `games of one channel take turns, those of other channels run concurrently`() {
        var queue = CardQueue()
        let third = GameID.random()
        #expect(refreshes(queue.noted(game, channel: 1)) == [game])
        #expect(refreshes(queue.noted(other, channel: 1)).isEmpty)
        #expect(refreshes(queue.noted(third, channel: 2)) == [third])
        #expect(refreshes(queue.finished(game, .done, at: .zero)) == [other])
    }

    @Test func `a card that failed is tried later, and its channel is free until then`() {
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

    @Test func `no more cards than the width are refreshed at a time`() {
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

    @Test func `failures in a row are counted until the card is done`() {
        var queue = CardQueue()
        _ = queue.noted(game, channel: 1)
        _ = queue.finished(game, .retry(after: .seconds(1)), at: .zero)
        #expect(queue.failures(of: game) == 1)
        // A change has it tried at once; that it failed before still counts.
        #expect(refreshes(queue.noted(game, channel: 1)) == [game])
        _ = queue.noted(game, channel: 1)
        _ = queue.finished(game, .retry(after: .seconds(1)), at: .seconds(1))
        #expect(queue.failures(of: game) == 2)
        #expect(refreshes(queue.timerFired(at: .seconds(2))) == [game])
        _ = queue.finished(game, .done, at: .seconds(2))
        #expect(queue.failures(of: game) == 0 && queue.count == 0)
    }

    @Test func `games that find the queue full are reloaded once half of it is free`() {
        var queue = CardQueue(width: 1, limit: 4)
        let games = (0..<6).map { _ in GameID.random() }
        for game in games { #expect(!queue.noted(game, channel: 1).contains(.reload)) }
        #expect(queue.count == 4)
        #expect(!queue.finished(games[0], .done, at: .zero).contains(.reload))
        #expect(queue.finished(games[1], .retry(after: .seconds(9)), at: .zero).last == .wake(at: .seconds(9)))
        #expect(queue.finished(games[2], .done, at: .zero).contains(.reload))
        // It isn't asked for twice.
        #expect(!queue.timerFired(at: .zero).contains(.reload))
        // The one that rests goes on resting.
        _ = queue.reloaded([games[1], games[4], games[5]].map { (game: $0, channel: Int64(1)) })
        #expect(queue.count == 4)
        var done: [GameID] = []
        for game in [games[3], games[4], games[5]] {
            if refreshes(queue.finished(game, .done, at: .zero)).isEmpty { done.append(game) }
        }
        #expect(done == [games[5]] && queue.count == 1)
        #expect(refreshes(queue.timerFired(at: .seconds(9))) == [games[1]])
    }

    @Test func `a game that is reloaded while it is being refreshed is refreshed again`() {
        var queue = CardQueue()
        let game = GameID.random()
        _ = queue.noted(game, channel: 1)
        #expect(refreshes(queue.reloaded([(game: game, channel: Int64(1))])).isEmpty)
        #expect(refreshes(queue.finished(game, .done, at: .zero)) == [game])
        _ = queue.finished(game, .done, at: .zero)
        #expect(queue.count == 0)
    }
}
