/// Runs `body` to its end and returns its result, although the caller's task may have been cancelled: for what must be put in
/// order before a service ends.
package func uncancelled<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
    await Task { await body() }.value
}
