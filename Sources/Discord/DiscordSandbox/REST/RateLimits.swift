import Core

/// Discord's rate limits: a bucket per caller, route and major parameter, and one limit over all routes.
///
/// A window opens with its first request; when it closes, the whole limit is available again.
package struct RateLimits: Sendable {
    /// How many requests a window allows.
    package struct Rule: Sendable, Equatable {
        package let limit: Int
        package let window: Duration

        package init(_ limit: Int, per window: Duration) {
            self.limit = limit
            self.window = window
        }
    }

    /// The state of a bucket after a request.
    package struct Usage: Sendable, Equatable {
        package let isAllowed: Bool
        package let limit: Int
        package let remaining: Int
        /// In milliseconds since 1970.
        package let resetAt: Int64
        package let bucket: String
    }

    private struct Window {
        var used = 0
        let closesAt: Int64

        init(_ rule: Rule, now: Int64) { closesAt = now + rule.window.milliseconds }
    }

    private var windows: [String: Window] = [:]
    private var globals: [String: Window] = [:]
    package var globalRule = Rule(50, per: .seconds(1))

    package init() {}

    /// Counts a request, and returns whether it is allowed.
    ///
    /// - Parameters:
    ///   - route: the route's name, without its parameters; its hash names the bucket to clients.
    ///   - major: the major parameter (channel, guild, or webhook with token), which the hash leaves out.
    package mutating func take(
        _ rule: Rule, route: String, caller: String, major: String, now: Int64
    ) -> Usage {
        forgetClosed(now)
        let key = "\(caller) \(route) \(major)"
        var window = windows[key] ?? Window(rule, now: now)
        if window.closesAt <= now { window = Window(rule, now: now) }
        let isAllowed = window.used < rule.limit
        if isAllowed { window.used += 1 }
        windows[key] = window
        return Usage(
            isAllowed: isAllowed, limit: rule.limit, remaining: max(0, rule.limit - window.used),
            resetAt: window.closesAt, bucket: Self.hash(route))
    }

    /// Counts a request towards the limit over all routes.
    ///
    /// - Returns: how long to wait when the limit is used up.
    package mutating func takeGlobal(caller: String, now: Int64) -> Duration? {
        var window = globals[caller] ?? Window(globalRule, now: now)
        if window.closesAt <= now { window = Window(globalRule, now: now) }
        guard window.used < globalRule.limit else { return .milliseconds(window.closesAt - now) }
        window.used += 1
        globals[caller] = window
        return nil
    }

    package mutating func reset() {
        windows.removeAll()
        globals.removeAll()
    }

    private mutating func forgetClosed(_ now: Int64) {
        if windows.count > 5000 { windows = windows.filter { $0.value.closesAt > now } }
        if globals.count > 5000 { globals = globals.filter { $0.value.closesAt > now } }
    }

    /// A stable opaque name of 32 hexadecimal digits (FNV-1a, twice).
    package static func hash(_ route: String) -> String {
        func digest(_ seed: UInt64) -> UInt64 {
            route.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
        return World.hex(digest(0xCBF2_9CE4_8422_2325)) + World.hex(digest(0x9E37_79B9_7F4A_7C15))
    }
}
