package import Core
import Synchronization
import Wire

/// The addresses that a supervisor and a metrics collector ask.
///
/// `/healthz` answers as long as the process does; `/readyz` answers 503 while a check fails, with the names of those that
/// do; `/metrics` is in the Prometheus text format.
package final class Probes: Sendable {
    /// Nil when all is well, otherwise a few words without secrets.
    package typealias Check = @Sendable () async -> String?

    private let metrics: Metrics
    private let timeout: Duration
    private let checks = Mutex<[(name: String, ask: Check)]>([])
    private let notes = Mutex<[(name: String, ask: Check)]>([])

    package init(metrics: Metrics, timeout: Duration = .seconds(2)) {
        self.metrics = metrics
        self.timeout = timeout
    }

    package func addCheck(_ name: String, _ check: @escaping Check) { checks.withLock { $0.append((name, check)) } }

    /// Something that is worth knowing beside the checks, and without which the process works all the same. Nil when there
    /// is nothing to say.
    package func addNote(_ name: String, _ note: @escaping Check) { notes.withLock { $0.append((name, note)) } }

    /// Adds the three routes.
    package func mount(on router: Router) {
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
    private func words(of askable: [(name: String, ask: Check)]) async -> [String: String?] {
        await withTaskGroup(of: (String, String?).self) { [timeout] group in
            for (name, ask) in askable { group.addTask { (name, await Self.run(ask, within: timeout)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
    }

    private static func run(_ check: @escaping Check, within timeout: Duration) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { await check() }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return "no answer in time"
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
