import Testing

struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    var description: String { "it never happened that \(what)" }
}

/// Waits until the condition holds; fails after the deadline.
func eventually(
    _ what: String, within limit: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NeverHappened(what: what) }
        try await Task.sleep(for: .milliseconds(2))
    }
}
