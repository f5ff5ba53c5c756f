import Core
import Discord
import EventLoop
import Store

/// `tandem serve`: runs one process until it is asked to stop.
struct ServeCommand {
    let configuration: Configuration

    func run() async -> ExitCode {
        let missing = configuration.isBench ? [] : configuration.missingForServe
        guard missing.isEmpty else {
            for sentence in missing { Program.complain(sentence) }
            return .configuration
        }
        let log = Log(minimum: configuration.logging.level, format: configuration.logging.format)
        return await Program.withLoops(configuration) { group in
            await Program.operate(group, configuration, log) {
                if let warning = configuration.proxyWarning { log.warning(warning) }
                let node =
                    try await configuration.isBench
                    ? Node.bench(configuration, group: group, log: log)
                    : Node.assemble(configuration, group: group, log: log)
                log.info("ready", ["url": configuration.publicURL, "roles": configuration.roleNames])
                return node
            }
        }
    }
}

extension Program {
    static func withLoops(_ configuration: Configuration, _ body: (EventLoopGroup) async -> ExitCode) async -> ExitCode
    {
        OpenFiles.raiseLimit()
        let group = EventLoopGroup(count: configuration.loops ?? min(4, EventLoopGroup.processorCount))
        let code = await body(group)
        await group.shutdown()
        return code
    }

    /// Runs what `assemble` puts together, until SIGTERM or SIGINT. When the event log was set back, nothing that the process has in
    /// memory is worth keeping: it's all put together again, as by a start.
    static func operate(
        _ group: EventLoopGroup, _ configuration: Configuration, _ log: Log, assemble: () async throws -> Node
    ) async -> ExitCode {
        let stop = Latch()
        let signals = Signals.stream(on: group.loops[0])
        return await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await _ in signals { break }
                stop.open()
            }
            defer { tasks.cancelAll() }
            var backoff = Backoff(base: .milliseconds(100), limit: .seconds(5))
            var isAgain = false
            while true {
                let end: NodeEnd
                do {
                    end = await run(try await assemble(), configuration, log, until: stop)
                    backoff.reset()
                } catch {
                    log.error("can't start", ["error": "\(error)"])
                    guard isAgain || error is LogSetBack else { return .unavailable }
                    try? await TimeSource.system.withTimeout(backoff.next()) { await stop.wait() }
                    end = .setBack
                }
                isAgain = true
                if case .exit(let code) = end {
                    log.info("stopped")
                    return code
                }
                if stop.isOpen { return .success }
            }
        }
    }

    private enum NodeEnd {
        case exit(ExitCode)
        case setBack
    }

    private static func run(
        _ node: Node, _ configuration: Configuration, _ log: Log, until stop: Latch
    ) async -> NodeEnd {
        let services = ServiceGroup(services: node.services, deadline: configuration.http.drain + .seconds(5), log: log)
        var end = NodeEnd.exit(.success)
        do {
            try await services.run { await stop.wait() }
        } catch is LogSetBack {
            end = .setBack
        } catch is GatewayError {
            // Discord refuses the token, an intent or the like: starting again would be refused again.
            end = .exit(.configuration)
        } catch {
            end = .exit(.failure)
        }
        await node.close()
        return end
    }
}
