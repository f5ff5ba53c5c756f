/// Takes the pieces of a body that is produced while it is sent.
package struct BodyWriter: Sendable {
    private let take: @Sendable ([UInt8]) async throws -> Void

    /// - Parameter take: sends a piece, or throws `CancellationError` when the client has gone.
    package init(_ take: @escaping @Sendable ([UInt8]) async throws -> Void) { self.take = take }

    /// Returns once the client has taken enough of what was written before, so that memory stays bounded.
    ///
    /// - Throws: `CancellationError` when the client has gone.
    package func write(_ bytes: [UInt8]) async throws { try await take(bytes) }
}
