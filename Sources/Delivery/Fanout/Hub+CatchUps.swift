import Core
import EventLoop
import Store

/// What the hub does for subscribers that catch up, away from the loops.
extension Hub {
    /// A request, and the shard that its answer goes to.
    struct ShardRequest: Sendable {
        let shard: Int
        let request: CatchUp.Request
    }

    /// Answers the shards' requests, `concurrentCatchUps` at a time, until cancelled.
    func answerCatchUps() async {
        await withTaskGroup(of: Void.self) { tasks in
            var running = 0
            for await item in catchUps {
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
        let answer: CatchUp.Answer
        do {
            switch request.question {
            case .access: answer = .access(try await policy.access(of: request.principal, to: request.interest))
            case .history(let number): answer = try await history(after: number)
            }
        } catch {
            if !(error is CancellationError) {
                log.warning("a stream waits: its policy or the event log can't be asked", ["error": "\(error)"])
            }
            answer = .unavailable
        }
        let shard = shards[index]
        group.loops[index].execute { shard.value.resume(request.subscriber.value, with: answer) }
    }

    /// - Throws: an error of the event log.
    private func history(after number: Int64) async throws -> CatchUp.Answer {
        let events = try await history.events(after: number)
        let reachesBack = events.first.map { $0.number == number + 1 } ?? (number >= self.position)
        return reachesBack ? .history(events, complete: events.last?.number ?? number) : .historyGone
    }
}
