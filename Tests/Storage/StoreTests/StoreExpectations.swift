import Store
import Testing

/// Expects an error of one kind, and only that.
func expect<R>(
    _ kind: StoreError.Kind, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> R
) async {
    do {
        _ = try await body()
        Issue.record("expected \(kind), nothing was thrown", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? StoreError)?.kind == kind, "\(error)", sourceLocation: sourceLocation)
    }
}
