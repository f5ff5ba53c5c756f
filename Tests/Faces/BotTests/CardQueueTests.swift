import Bot
import Scheduler
import Testing

struct CardQueueTests {
    private let game = GameID.random()
    private let other = GameID.random()

    /// A channel, each in a guild of its own.
    private func at(_ channel: Int64) -> CardQueue.Lane { CardQueue.Lane(guild: channel, channel: channel) }

    private func refreshes(_ actions: [CardQueue.Action]) -> [GameID] {
        actions.compactMap { if case .refresh(let game) = $0 { game } else { nil } }
    }

    @Test func `a game that changes while its card is refreshed is refreshed once more, however often it changed`() {
        var queue = CardQueue()
        #expect(refreshes(queue.noted(game, at(1))) == [game])
        for _ in 0..<10 { #expect(refreshes(queue.noted(game, at(1))).isEmpty) }
        #expect(refreshes(queue.finished(game, .done, at: .zero)) == [game])
        #expect(refreshes(queue.finished(game, .done, at: .zero)).isEmpty)
        #expect(queue.count == 0)
    }

    @Test func `games of one channel take turns, those of other channels run concurrently`() {
        var queue = CardQueue()
        let third = GameID.random()
        #expect(refreshes(queue.noted(game, at(1))) == [game])
        #expect(refreshes(queue.noted(other, at(1))).isEmpty)
        #expect(refreshes(queue.noted(third, at(2))) == [third])
        #expect(refreshes(queue.finished(game, .done, at: .zero)) == [other])
    }

    @Test func `a card that failed is tried later, and its channel is free until then`() {
        var queue = CardQueue()
        _ = queue.noted(game, at(1))
        _ = queue.noted(other, at(1))
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
        for (channel, game) in games.enumerated() { running += refreshes(queue.noted(game, at(Int64(channel)))) }
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
        _ = queue.noted(game, at(1))
        _ = queue.finished(game, .retry(after: .seconds(1)), at: .zero)
        #expect(queue.failures(of: game) == 1)
        // A change has it tried at once; that it failed before still counts.
        #expect(refreshes(queue.noted(game, at(1))) == [game])
        _ = queue.noted(game, at(1))
        _ = queue.finished(game, .retry(after: .seconds(1)), at: .seconds(1))
        #expect(queue.failures(of: game) == 2)
        #expect(refreshes(queue.timerFired(at: .seconds(2))) == [game])
        _ = queue.finished(game, .done, at: .seconds(2))
        #expect(queue.failures(of: game) == 0 && queue.count == 0)
    }

    @Test func `games that find the queue full are reloaded once half of it is free`() {
        var queue = CardQueue(width: 1, limit: 4)
        let games = (0..<6).map { _ in GameID.random() }
        for game in games { #expect(!queue.noted(game, at(1)).contains(.reload)) }
        #expect(queue.count == 4)
        #expect(!queue.finished(games[0], .done, at: .zero).contains(.reload))
        #expect(queue.finished(games[1], .retry(after: .seconds(9)), at: .zero).last == .wake(at: .seconds(9)))
        #expect(queue.finished(games[2], .done, at: .zero).contains(.reload))
        // It isn't asked for twice.
        #expect(!queue.timerFired(at: .zero).contains(.reload))
        // The one that rests goes on resting.
        _ = queue.reloaded([games[1], games[4], games[5]].map { (game: $0, lane: at(1)) })
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
        _ = queue.noted(game, at(1))
        #expect(refreshes(queue.reloaded([(game: game, lane: at(1))])).isEmpty)
        #expect(refreshes(queue.finished(game, .done, at: .zero)) == [game])
        _ = queue.finished(game, .done, at: .zero)
        #expect(queue.count == 0)
    }

    /// Everything that changes at once is refreshed with each refresh taking one turn; returns the games in that order.
    private func served(_ queue: inout CardQueue, from first: [GameID]) -> [GameID] {
        var running = first[...]
        var order = first
        while let game = running.popFirst() {
            let next = refreshes(queue.finished(game, .done, at: .zero))
            running += next
            order += next
        }
        return order
    }

    @Test(arguments: [1, 3, 16])
    func `guilds and their channels take turns, whatever their numbers and however much the others have`(
        width: Int
    ) {
        var queue = CardQueue(width: width)
        var places: [GameID: CardQueue.Lane] = [:]
        var running: [GameID] = []
        // Guild 1 has ten channels of 50 games, guild n one channel of n games.
        for channel in 0..<10 {
            for _ in 0..<50 { places[.random()] = CardQueue.Lane(guild: 1, channel: Int64(channel)) }
        }
        for game in places.keys { running += refreshes(queue.noted(game, places[game]!)) }
        for guild in 2...40 {
            for _ in 0..<guild {
                let game = GameID.random()
                places[game] = CardQueue.Lane(guild: Int64(guild), channel: 0)
                running += refreshes(queue.noted(game, places[game]!))
            }
        }
        let order = served(&queue, from: running)
        #expect(order.count == places.count && Set(order).count == order.count && queue.count == 0)
        // While all guilds have something that may be refreshed, none waits for longer than it takes to serve each once.
        let early = order.dropFirst(width).prefix(39 * 2)
        for guild in Int64(3)...40 {
            #expect(early.contains { places[$0]?.guild == guild }, "guild \(guild) is served among the first")
        }
        // Within a guild its channels take turns.
        let channels = order.filter { places[$0]?.guild == 1 }.map { places[$0]!.channel }
        for start in stride(from: 0, to: 400, by: 10) {
            #expect(Set(channels[start..<(start + 20)]).count == 10, "all ten channels are served in twenty turns")
        }
    }

    @Test func `an input touches few elements, however many games wait or rest`() {
        var costs: [Int] = []
        for size in [100, 10_000] {
            var queue = CardQueue(width: 16, limit: 20_000)
            let games = (0..<size).map { _ in GameID.random() }
            var running: [GameID] = []
            for (index, game) in games.enumerated() { running += refreshes(queue.noted(game, at(Int64(index % 977)))) }
            var highest = 0
            var inputs = 0
            var now = Duration.zero
            func measure(_ input: (inout CardQueue) -> [CardQueue.Action]) {
                let before = queue.steps
                let started = refreshes(input(&queue))
                running += started
                inputs += 1
                highest = max(highest, queue.steps - before - 2 * started.count)
            }
            var round = 0
            while let game = running.popLast(), inputs < 4 * size {
                round += 1
                now += .milliseconds(1)
                // Half of them fail, and rest for different times.
                let rests = round % 2 == 0
                measure { $0.finished(game, rests ? .retry(after: .seconds(1 + round % 300)) : .done, at: now) }
                measure { $0.noted(games[(round * 7) % size], at(Int64(((round * 7) % size) % 977))) }
            }
            costs.append(highest)
        }
        // A hundred times as many: a few more levels of the heap.
        #expect(costs[1] <= costs[0] + 40, "\(costs)")
    }
}
