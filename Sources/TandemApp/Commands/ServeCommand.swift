import Core
import EventLoop

/// `tandem serve`: runs one process until it is asked to stop.
struct ServeCommand {
    let configuration: Configuration

    func run() async -> ExitCode {
        let log = Log(minimum: configuration.logging.level, format: configuration.logging.format)
        let group = EventLoopGroup(count: configuration.loops ?? min(4, EventLoopGroup.processorCount))
        let code = await serve(group, log)
        await group.shutdown()
        return code
    }

    private func serve(_ group: EventLoopGroup, _ log: Log) async -> ExitCode {
        let stop = Signals.stream(on: group.loops[0])
        do {
            let node = try await Node.assemble(configuration, group: group, log: log)
            let services = ServiceGroup(services: node.services, deadline: configuration.http.drain, log: log)
            defer { log.info("stopped") }
            do {
                try await services.run { for await _ in stop { return } }
            } catch {
                await node.close()
                return .failure
            }
            await node.close()
            return .success
        } catch {
            log.error("can't start", ["error": "\(error)"])
            return .unavailable
        }
    }
}
