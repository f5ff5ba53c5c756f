import Core

/// The hub's metrics.
struct HubMeters: Sendable {
    let streams: Gauge
    let received: Counter
    let delivered: Counter
    let catchUps: Counter
    let resets: Counter
    let slowClosed: Counter
    let revocations: Counter
    let turnedAway: Counter
    let fellBehind: Counter

    init(_ metrics: Metrics) {
        streams = metrics.gauge("tandem_streams", help: "Event streams that are open")
        received = metrics.counter("tandem_hub_events_total", help: "Events that reached this hub")
        delivered = metrics.counter("tandem_hub_deliveries_total", help: "Frames handed to streams live")
        catchUps = metrics.counter("tandem_hub_catch_ups_total", help: "Replays and renewals that went beyond memory")
        resets = metrics.counter("tandem_hub_resets_total", help: "Streams told to fetch everything anew")
        slowClosed = metrics.counter(
            "tandem_hub_slow_closed_total", help: "Streams closed because their reader fell behind")
        fellBehind = metrics.counter(
            "tandem_hub_loops_behind_total",
            help: "Times that an event loop could not follow and its streams read the log")
        turnedAway = metrics.counter(
            "tandem_hub_turned_away_total", help: "Streams told to be opened later, because too many were")
        revocations = metrics.counter("tandem_hub_revocations_total", help: "Topics taken away from open streams")
    }
}
