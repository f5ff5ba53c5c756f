import Core

/// Runs services together. When one ends, or the group is asked to stop, they are stopped one after the other, the last one
/// first; each gets up to `deadline` to shut down.
struct ServiceGroup {
    let services: [any Service]
    let deadline: Duration
    let log: Log
    var time = TimeSource.system

    private enum Outcome: Sendable {
        case ended(name: String, (any Error)?)
        case stopRequested
    }

    /// Returns after an orderly stop, which begins when `stopRequested` returns.
    /// - Throws: the error of the service that ended on its own, or `UnexpectedEnd`.
    func run(until stopRequested: @escaping @Sendable () async -> Void) async throws {
        let runners = services.map { Runner($0, time: time) }
        let failure = await withTaskGroup(of: Outcome.self) { tasks -> (any Error)? in
            for runner in runners { tasks.addTask { await .ended(name: runner.service.name, runner.run()) } }
            tasks.addTask {
                await stopRequested()
                return .stopRequested
            }
            var failure: (any Error)?
            if case .ended(let name, let error)? = await tasks.next() {
                failure = error ?? UnexpectedEnd(service: name)
                log.error("a service ended", ["service": name, "error": "\(failure.map { "\($0)" } ?? "")"])
            }
            for runner in runners.reversed() {
                if await !runner.stop(within: deadline) {
                    log.warning("a service did not stop in time", ["service": runner.service.name])
                }
            }
            tasks.cancelAll()
            return failure
        }
        if let failure { throw failure }
    }

    struct UnexpectedEnd: CodedError {
        let service: String
        var code: String { "service_ended" }
        var message: String { "\(service) ended without being asked to" }
    }
}

/// One service of a group, with a switch of its own: cancelling the group would stop all at once.
private struct Runner: Sendable {
    let service: any Service
    private let time: TimeSource
    private let stopping = Latch()
    private let stopped = Latch()

    init(_ service: any Service, time: TimeSource) {
        self.service = service
        self.time = time
    }

    func run() async -> (any Error)? {
        let error = await withTaskGroup(of: (any Error)?.self) { tasks -> (any Error)? in
            tasks.addTask {
                do { try await service.run() } catch is CancellationError {} catch { return error }
                return nil
            }
            tasks.addTask {
                await stopping.wait()
                return nil
            }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first
        }
        stopped.open()
        return error
    }

    func stop(within deadline: Duration) async -> Bool {
        stopping.open()
        try? await time.withTimeout(deadline) { await stopped.wait() }
        return stopped.isOpen
    }
}
