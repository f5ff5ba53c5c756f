import Testing

/// Returns once `condition` is true.
///
/// - Parameters:
///   - what: what is waited for, as it is told when it doesn't come.
///   - limit: generous by default, since it costs only a test that fails.
/// - Throws: `DidNotHappen` after `limit`, which is also recorded as an issue at the caller's place; what `condition` throws.
package func eventually(
    _ what: @autoclosure () -> String = "the condition is true", within limit: Duration = .seconds(20),
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line, column: Int = #column,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            let error = DidNotHappen(description: "waited \(limit) in vain until \(what())")
            let place = SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column)
            Issue.record(error, sourceLocation: place)
            throw error
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Something that a test waited for in vain.
package struct DidNotHappen: Error, CustomStringConvertible {
    package let description: String
}
