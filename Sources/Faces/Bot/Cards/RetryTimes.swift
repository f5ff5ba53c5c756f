import Scheduler

/// The times at which cards are tried again, earliest first: a binary heap that knows where each game is, so that adding,
/// removing and taking cost O(log n).
struct RetryTimes {
    private struct Retry {
        let game: GameID
        let time: Duration
    }

    private var heap: [Retry] = []
    private var positions: [GameID: Int] = [:]
    /// How many elements were looked at or moved, for tests of what an input costs.
    private(set) var steps = 0

    /// The earliest time.
    var next: Duration? { heap.first?.time }

    /// The game isn't among them.
    mutating func insert(_ game: GameID, at time: Duration) {
        heap.append(Retry(game: game, time: time))
        positions[game] = heap.count - 1
        rise(from: heap.count - 1)
    }

    /// Removes the game, if it is there.
    mutating func remove(_ game: GameID) {
        guard let position = positions.removeValue(forKey: game) else { return }
        steps += 1
        let last = heap.removeLast()
        guard position < heap.count else { return }
        heap[position] = last
        positions[last.game] = position
        rise(from: position)
        sink(from: position)
    }

    /// Removes the earliest game if its time has come.
    mutating func popDue(at now: Duration) -> GameID? {
        guard let first = heap.first, first.time <= now else { return nil }
        remove(first.game)
        return first.game
    }

    private mutating func rise(from position: Int) {
        var child = position
        steps += 1
        while child > 0, heap[child].time < heap[(child - 1) / 2].time {
            swap(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func sink(from position: Int) {
        var parent = position
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].time < heap[left].time ? right : left
            guard heap[child].time < heap[parent].time else { return }
            swap(child, parent)
            parent = child
        }
    }

    private mutating func swap(_ first: Int, _ second: Int) {
        steps += 1
        heap.swapAt(first, second)
        positions[heap[first].game] = first
        positions[heap[second].game] = second
    }
}
