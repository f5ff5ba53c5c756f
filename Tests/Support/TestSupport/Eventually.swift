package import Testing

/// Returns once `condition` is true.
///
/// - Parameters:
///   - what: what is waited for, as a failure names it.
///   - limit: generous by default, since it costs only a test that fails.
/// - Throws: `DidNotHappen` after `limit`, which is also recorded as an issue at the caller's place; what `condition` throws.
package func eventually(
    _ what: @autoclosure () -> String = "the condition is true", within limit: Duration = .seconds(20),
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            let error = DidNotHappen(description: "waited \(limit) in vain for: \(what())")
            Issue.record(error, sourceLocation: sourceLocation)
            throw error
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Something that a test waited for in vain.
package struct DidNotHappen: Error, CustomStringConvertible {
    package let description: String
}
