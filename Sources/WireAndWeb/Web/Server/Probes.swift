package import Core
import Synchronization
import Wire

/// The addresses that a supervisor and a metrics collector ask.
///
/// `/healthz` responds as long as the process does; `/readyz` responds 503 while a check fails, with the names of those that
/// do; `/metrics` is in the Prometheus text format. A check that doesn't answer in time fails, also one that hangs and
/// ignores its cancellation.
package final class Probes: Sendable {
    /// Returns nil when all is well, otherwise a short text without secrets.
    package typealias Check = @Sendable () async -> String?

    private let metrics: Metrics
    private let timeout: Duration
    private let time: TimeSource
    private let checks = Mutex<[ProbedCheck]>([])
    private let notes = Mutex<[ProbedCheck]>([])

    /// - Parameter timeout: how long a check or a note may take.
    package init(metrics: Metrics, timeout: Duration = .seconds(2), time: TimeSource = .system) {
        self.metrics = metrics
        self.timeout = timeout
        self.time = time
    }

    /// Adds something without which the process can't do its work. It's asked once at a time, however many probes come.
    package func addCheck(_ name: String, _ check: @escaping Check) {
        checks.withLock { $0.append(ProbedCheck(name, timeout: timeout, time: time, ask: check)) }
    }

    /// Adds something that is worth reporting beside the checks, and without which the process works all the same. It returns
    /// nil when there is nothing to report.
    package func addNote(_ name: String, _ note: @escaping Check) {
        notes.withLock { $0.append(ProbedCheck(name, timeout: timeout, time: time, ask: note)) }
    }

    /// Adds the three routes.
    package func mount(on router: inout RouterBuilder) {
        mountHealth(on: &router)
        mountDetails(on: &router)
    }

    /// Adds `/healthz`, which tells nothing but that the process answers.
    package func mountHealth(on router: inout RouterBuilder) {
        let healthy = Response.text("ok\n").setting("cache-control", "no-store")
        router.getAtOnce("/healthz") { _ in healthy }
    }

    /// Adds `/readyz` and `/metrics`.
    package func mountDetails(on router: inout RouterBuilder) {
        router.get("/readyz") { [self] _ in try await readiness() }
        router.get("/metrics") { [metrics] _ in
            .bytes([UInt8](metrics.rendered().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    private func readiness() async throws -> Response {
        struct Answer: Encodable {
            let status: String
            let checks: [String: String]
            let notes: [String: String]?
        }
        async let reported = answers(of: notes.withLock { $0 })
        let faults = await answers(of: checks.withLock { $0 })
        let isReady = faults.values.allSatisfy { $0 == nil }
        let notes = await reported.compactMapValues(\.self)
        let answer = Answer(
            status: isReady ? "ready" : "unavailable", checks: faults.mapValues { $0 ?? "ok" },
            notes: notes.isEmpty ? nil : notes)
        return try Response.json(answer, status: isReady ? 200 : 503).setting("cache-control", "no-store")
    }

    /// The answer of each, all asked at the same time.
    private func answers(of checks: [ProbedCheck]) async -> [String: String?] {
        await withTaskGroup(of: (String, String?).self) { group in
            for check in checks { group.addTask { (check.name, await check.answer()) } }
            return await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
    }
}
