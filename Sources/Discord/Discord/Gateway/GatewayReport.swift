import Core

/// Logs and counts what happens on the gateway.
struct GatewayReport: Sendable {
    private let log: Log
    private let dispatched: Counter
    private let disconnects: Counter
    private let malformed: Counter
    private let latency: Histogram

    init(log: Log, metrics: Metrics, shard: String) {
        self.log = log
        dispatched = metrics.counter(
            "tandem_gateway_events_total", help: "Events received from Discord.", labels: ["shard": shard])
        disconnects = metrics.counter(
            "tandem_gateway_disconnects_total", help: "Gateway connections that ended.", labels: ["shard": shard])
        malformed = metrics.counter(
            "tandem_gateway_malformed_total", help: "Events that were not as documented.", labels: ["shard": shard])
        latency = metrics.histogram(
            "tandem_gateway_latency_seconds", help: "From a heartbeat to its acknowledgement.",
            labels: ["shard": shard])
    }

    func dispatched(_ event: GatewayEvent) {
        dispatched.increment()
        guard case .malformed(let name, let reason) = event else { return }
        malformed.increment()
        log.warning("an event is not as documented", ["event": name, "reason": reason])
    }

    func gatewayNotFound(_ error: DiscordError) {
        log.warning("the gateway's address is unavailable", ["reason": error.message])
    }

    func connectFailed(_ reason: String) { log.warning("the gateway can't be reached", ["reason": reason]) }

    func unreadable(_ place: String) { log.warning("a message from the gateway can't be decoded", ["reason": place]) }

    func dropped(_ command: GatewayCommand, _ error: GatewayError) {
        log.error("a command to the gateway is dropped", ["op": String(command.op), "reason": error.message])
    }

    func note(_ note: GatewaySession.Note) {
        switch note {
        case .disconnected(let code, let resuming):
            disconnects.increment()
            log.warning(
                "the gateway connection ended",
                ["code": code.map { String($0) } ?? "-", "resuming": String(resuming)])
        case .connectFailed: disconnects.increment()
        case .zombie:
            disconnects.increment()
            log.warning("the gateway no longer acknowledges heartbeats; reconnecting")
        case .stalled:
            disconnects.increment()
            log.warning("the gateway no longer takes what is sent; reconnecting")
        case .invalidSession(let resumable):
            disconnects.increment()
            log.warning("Discord reports an invalid session", ["resumable": String(resumable)])
        case .askedToReconnect:
            disconnects.increment()
            log.info("Discord asks to reconnect")
        case .outOfSessions(let wait):
            log.error(
                "no session can be started for now: Discord's daily limit is used up",
                ["seconds": String(wait.components.seconds)])
        case .latency(let duration): latency.record(duration)
        case .ready(let guilds): log.info("connected to Discord's gateway", ["guilds": String(guilds)])
        case .resumed: log.info("resumed the gateway session")
        }
    }
}
