import Core
import EventLoop
package import Store
import Synchronization

/// How events reach the shards.
extension Hub {
    /// Takes events from the bus: in any order, with repetitions and gaps; an empty batch says that the log may hold more
    /// than the bus brought. May be called on any thread; never blocks.
    package func receive(_ events: [Event]) {
        let readsLog = order.withLock { order in
            let (next, readsLog) = order.received(events)
            hand(next)
            return readsLog
        }
        if readsLog { gapFound.ring() }
    }

    /// Hands events to every shard, in order: called with the lock held, for that makes the order.
    private func hand(_ events: some BidirectionalCollection<Event>) {
        guard let last = events.last else { return }
        eventLog.witnessed(last.place)
        memory?.took(events)
        meters.received.increment(by: events.count)
        let encoded = events.map { EncodedEvent($0, epoch: epoch, audience: policy.audience(of: $0)) }
        let bytes = Backlog.bytes(of: encoded)
        for (loop, (shard, backlog)) in zip(group.loops, zip(shards, backlogs)) {
            switch backlog.add(bytes, upTo: last.number) {
            case .handOver:
                loop.execute {
                    shard.value.deliver(encoded)
                    if let number = backlog.remove(bytes) { shard.value.missed(upTo: number) }
                }
            case .leaveOut: break
            case .fellBehind:
                meters.fellBehind.increment()
                log.warning(
                    "an event loop can't follow, its streams will read the log", ["loop": "\(loop.index)"])
            }
        }
    }

    /// Reads from the log what the bus announced but did not bring, until there is no more or the task is cancelled.
    func fillGap() async {
        let isRead: Void? = try? await time.retrying(
            Backoff(base: .milliseconds(50), limit: .seconds(5)),
            failed: { error, _ in log.warning("the event log can't be read, trying again", ["error": "\(error)"]) }
        ) {
            while try await !readLog() { try Task.checkCancellation() }
        }
        if isRead == nil { order.withLock { $0.readingStopped() } }
    }

    /// Reads the next events of the log and hands them on.
    /// - Returns: whether the log has been read to its end.
    /// - Throws: an error of the event log.
    private func readLog() async throws -> Bool {
        order.withLock { $0.lookBegan() }
        let last = try await eventLog.lastNumber
        let position = order.withLock { $0.logEnds(at: last) }
        let events = try await eventLog.read(after: position, limit: configuration.replayBatch)
        return order.withLock { order in
            let (next, isDone) = order.read(events)
            hand(next)
            return isDone
        }
    }
}
