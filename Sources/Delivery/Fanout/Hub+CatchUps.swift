import Core
import EventLoop
import Store
import Synchronization

/// What the hub does for subscribers that catch up, away from the loops.
extension Hub {
    /// A request, and the shard that its answer goes to.
    struct ShardRequest: Sendable {
        let shard: Int
        let request: CatchUp.Request
    }

    /// Answers the requests of one lane, `concurrentCatchUps` at a time, until cancelled.
    func answer(_ lane: AsyncStream<ShardRequest>) async {
        await withTaskGroup(of: Void.self) { tasks in
            var running = 0
            for await item in lane {
                if running >= configuration.concurrentCatchUps {
                    await tasks.next()
                    running -= 1
                }
                running += 1
                tasks.addTask { await self.answer(item.request, for: item.shard) }
            }
            tasks.cancelAll()
        }
    }

    private func answer(_ request: CatchUp.Request, for index: Int) async {
        let answer = await answer(request)
        let shard = shards[index]
        group.loops[index].execute { shard.value.resume(request.subscriber.value, with: answer) }
    }

    private func answer(_ request: CatchUp.Request) async -> CatchUp.Answer {
        do {
            return try await ask(request)
        } catch {
            // If it was the database, everybody waits for it together; otherwise only this stream has to.
            guard (try? await outage.wait()) == true else { return unanswered(error) }
        }
        do { return try await ask(request) } catch { return unanswered(error) }
    }

    private func ask(_ request: CatchUp.Request) async throws -> CatchUp.Answer {
        switch request.question {
        case .access(let interest, let number):
            return .access(try await policy.access(of: request.principal, to: interest), asOf: number)
        case .history(let topics, let number):
            let missed = try await history.missed(
                topics, after: number, upTo: position, bytes: configuration.replayWindow)
            return missed.map { .history($0) } ?? .historyGone
        }
    }

    /// The stream asks again later. Many may fail for one reason: the log is told now and then.
    private func unanswered(_ error: any Error) -> CatchUp.Answer {
        guard !(error is CancellationError) else { return .unavailable }
        let count = failures.withLock { failures -> Int? in
            failures.count += 1
            guard time.now >= failures.nextReport else { return nil }
            defer { failures = (0, time.now + .seconds(10)) }
            return failures.count
        }
        if let count {
            log.warning(
                "streams wait: what they may see can't be asked", ["requests": "\(count)", "error": "\(error)"])
        }
        return .unavailable
    }
}
