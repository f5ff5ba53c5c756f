package import Core
package import FoundationEssentials
import Web

/// Calls Discord's REST API as a bot: keeps to its limits and tries failed requests again where that does no harm.
///
/// Every call may wait as long as Discord's limits demand; cancelling the task ends the wait at once.
///
/// Errors: every call throws `DiscordError`, or `CancellationError` when its task is cancelled.
package final class RESTClient: Sendable {
    /// Where Discord is and who calls it.
    package struct Configuration: Sendable {
        /// Without a slash at the end.
        package var baseURL: String
        /// Sent as `Authorization`. `nil` for calls that bring their own.
        package var token: Secret?
        package var userAgent: String
        package var limits = RateLimiter.Limits()

        package init(
            baseURL: String = "https://discord.com/api/v10", token: Secret?,
            userAgent: String = "DiscordBot (https://github.com/tandem, 1)"
        ) {
            self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
            self.token = token
            self.userAgent = userAgent
        }
    }

    package let configuration: Configuration
    private let transport: any HTTPTransport
    private let budget: (any RequestBudget)?
    private let gate: RequestGate
    private let time: TimeSource
    private let log: Log
    private let requests: Counter
    private let failures: Counter
    private let latency: Histogram

    /// - Parameter budget: what is sent counts against it as well, answers to interactions aside. `nil` when nobody else uses
    ///   the token.
    package init(
        _ configuration: Configuration, transport: any HTTPTransport = URLSessionTransport(),
        budget: (any RequestBudget)? = nil, time: TimeSource = .system, log: Log = .none, metrics: Metrics = Metrics()
    ) {
        self.configuration = configuration
        self.transport = transport
        self.budget = budget
        self.time = time
        self.log = log
        let gate = RequestGate(limits: configuration.limits, time: time)
        self.gate = gate
        requests = metrics.counter("tandem_discord_requests_total", help: "Requests sent to Discord.")
        failures = metrics.counter(
            "tandem_discord_request_failures_total", help: "Requests to Discord that were not answered with success.")
        latency = metrics.histogram("tandem_discord_request_seconds", help: "How long Discord takes to answer.")
        metrics.gauge("tandem_discord_requests_waiting", help: "Requests that wait for their turn.") { gate.waiting }
    }

    /// How many requests wait for their turn.
    package var waiting: Int { gate.waiting }

    /// Sends a request and returns the answer's body, decoded.
    package func call<Answer: Decodable>(
        _ route: Route, _ body: (any Encodable & Sendable)? = nil, mayBeResent: Bool? = nil, as type: Answer.Type
    ) async throws -> Answer {
        let data = try await send(route, body, mayBeResent: mayBeResent)
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw DiscordError(
                .unreadable(error.place), "Discord's answer to \(route.kind) can't be read: \(error.place).")
        }
    }

    /// Sends a request and ignores the answer's body.
    package func call(_ route: Route, _ body: (any Encodable & Sendable)? = nil) async throws {
        _ = try await send(route, body, mayBeResent: nil)
    }

    func send(
        _ route: Route, _ body: (any Encodable & Sendable)?, mayBeResent: Bool?, reason: String? = nil
    ) async throws -> Data {
        var headers = [("User-Agent", configuration.userAgent), ("Accept", "application/json")]
        if let token = configuration.token { headers.append(("Authorization", "Bot \(token.revealed)")) }
        if let reason { headers.append(("X-Audit-Log-Reason", PercentEncoding.encode(reason))) }
        var bytes: [UInt8]?
        if let body {
            headers.append(("Content-Type", "application/json"))
            bytes = try Array(JSONEncoder.discord.encode(body))
        } else if route.method != .get {
            bytes = []
        }
        return try await send(route, headers: headers, body: bytes, mayBeResent: mayBeResent ?? route.isIdempotent)
    }

    func send(
        _ route: Route, headers: [(String, String)], body: [UInt8]?, mayBeResent: Bool
    ) async throws -> Data {
        let request = HTTPExchange.Request(
            method: route.method.rawValue, url: configuration.baseURL + route.path,
            headers: headers.map { (name: $0.0, value: $0.1) }, body: body)
        let result = try await gate.perform(route, mayBeResent: mayBeResent) {
            await self.attempt(request, route)
        }
        return try result.get()
    }

    /// Makes one exchange; returns its result, and what the limiter must know of it.
    private func attempt(
        _ request: HTTPExchange.Request, _ route: Route
    ) async -> (result: Result<Data, any Error>, outcome: RateLimiter.Outcome) {
        do {
            if route.countsGlobally { try await budget?.take() }
            let start = time.now
            requests.increment()
            let answer = try await transport.exchange(request)
            latency.record(time.now - start)
            if (200..<300).contains(answer.status) {
                let limits = RateLimitAnswer(status: answer.status, header: { answer.headers[$0] }, body: nil)
                return (.success(answer.body), .answered(limits))
            }
            failures.increment()
            let body = try? JSONDecoder().decode(ErrorBody.self, from: answer.body)
            let limits = RateLimitAnswer(status: answer.status, header: { answer.headers[$0] }, body: body)
            let error = DiscordError(status: answer.status, body: body, retryAfter: limits.retryAfter)
            log.warning(
                "Discord refused a request",
                [
                    "route": route.kind, "status": String(answer.status), "code": String(body?.code ?? 0),
                    "scope": limits.scope?.rawValue ?? "-",
                ])
            return (.failure(error), .answered(limits))
        } catch let error as HTTPTransportError {
            failures.increment()
            let (outcome, text): (RateLimiter.Outcome, String) =
                switch error {
                case .neverSent(let text): (.neverSent, text)
                case .interrupted(let text): (.interrupted, text)
                }
            log.warning("Discord can't be reached", ["route": route.kind, "reason": text])
            return (.failure(DiscordError(.unreachable(text), "Discord can't be reached: \(text).")), outcome)
        } catch {
            return (.failure(CancellationError()), .abandoned)
        }
    }
}

extension JSONEncoder {
    /// Writes as Discord does: without escaping slashes.
    package static var discord: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return encoder
    }
}
