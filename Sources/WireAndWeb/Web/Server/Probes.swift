package import Core
import Synchronization
import Wire

/// The addresses that a supervisor and a metrics collector ask.
///
/// `/healthz` answers as long as the process does; `/readyz` answers 503 while a check fails, with the names of those that
/// do; `/metrics` is in the Prometheus text format. A check that gives no answer in time fails, also one that hangs and
/// doesn't heed its cancellation.
package final class Probes: Sendable {
    /// Nil when all is well, otherwise a few words without secrets.
    package typealias Check = @Sendable () async -> String?

    private let metrics: Metrics
    private let timeout: Duration
    private let checks = Mutex<[ProbedCheck]>([])
    private let notes = Mutex<[ProbedCheck]>([])

    /// - Parameter timeout: how long a check or a note may take.
    package init(metrics: Metrics, timeout: Duration = .seconds(2)) {
        self.metrics = metrics
        self.timeout = timeout
    }

    /// Something without which the process can't do its work. It's asked once at a time, however many probes come.
    package func addCheck(_ name: String, _ check: @escaping Check) {
        checks.withLock { $0.append(ProbedCheck(name, timeout: timeout, ask: check)) }
    }

    /// Something that is worth knowing beside the checks, and without which the process works all the same. Nil when there
    /// is nothing to say.
    package func addNote(_ name: String, _ note: @escaping Check) {
        notes.withLock { $0.append(ProbedCheck(name, timeout: timeout, ask: note)) }
    }

    /// Adds the three routes.
    package func mount(on router: inout RouterBuilder) {
        router.get("/healthz") { _ in .text("ok\n").setting("cache-control", "no-store") }
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
        async let said = words(of: notes.withLock { $0 })
        let faults = await words(of: checks.withLock { $0 })
        let isReady = faults.values.allSatisfy { $0 == nil }
        let notes = await said.compactMapValues(\.self)
        let answer = Answer(
            status: isReady ? "ready" : "unavailable", checks: faults.mapValues { $0 ?? "ok" },
            notes: notes.isEmpty ? nil : notes)
        return try Response.json(answer, status: isReady ? 200 : 503).setting("cache-control", "no-store")
    }

    /// What each says, asked at the same time.
    private func words(of askable: [ProbedCheck]) async -> [String: String?] {
        await withTaskGroup(of: (String, String?).self) { group in
            for check in askable { group.addTask { (check.name, await check.answer()) } }
            return await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
    }
}
