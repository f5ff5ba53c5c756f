import Core
import Discord
import EventLoop

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

    /// Runs what `assemble` puts together, until SIGTERM or SIGINT.
    static func operate(
        _ group: EventLoopGroup, _ configuration: Configuration, _ log: Log, assemble: () async throws -> Node
    ) async -> ExitCode {
        let stop = Signals.stream(on: group.loops[0])
        let node: Node
        do {
            node = try await assemble()
        } catch {
            log.error("can't start", ["error": "\(error)"])
            return .unavailable
        }
        let services = ServiceGroup(services: node.services, deadline: configuration.http.drain + .seconds(5), log: log)
        var code = ExitCode.success
        do {
            try await services.run { for await _ in stop { return } }
        } catch is GatewayError {
            // Discord refuses the token, an intent or the like: starting again would be refused again.
            code = .configuration
        } catch {
            code = .failure
        }
        await node.close()
        log.info("stopped")
        return code
    }
}
