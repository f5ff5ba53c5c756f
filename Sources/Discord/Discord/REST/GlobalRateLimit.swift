/// What limits requests of all routes together: the bot's global limit, and blocks of the bot or of this address.
struct GlobalRateLimit {
    private let perSecond: Int
    private var sentInLastSecond: [Duration] = []
    private var blockedUntil = Duration.zero
    private var addressBlockedUntil = Duration.zero

    private static let window = Duration.seconds(1)

    init(perSecond: Int) { self.perSecond = perSecond }

    /// When a request of this route may be sent at the earliest.
    mutating func ready(for route: Route, at now: Duration) -> Duration {
        guard route.countsGlobally else { return addressBlockedUntil }
        let moment = max(addressBlockedUntil, blockedUntil)
        sentInLastSecond.removeAll { $0 + Self.window <= now }
        guard sentInLastSecond.count >= perSecond else { return moment }
        return max(moment, sentInLastSecond[sentInLastSecond.count - perSecond] + Self.window)
    }

    mutating func sent(_ route: Route, at now: Duration) {
        if route.countsGlobally { sentInLastSecond.append(now) }
    }

    mutating func block(until moment: Duration) { blockedUntil = max(blockedUntil, moment) }

    mutating func blockAddress(until moment: Duration) { addressBlockedUntil = max(addressBlockedUntil, moment) }
}
