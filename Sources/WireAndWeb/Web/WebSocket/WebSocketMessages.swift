package import Wire

/// What arrives on a WebSocket, as a sequence for one task.
package struct WebSocketMessages: AsyncSequence, Sendable {
    let inbound: WebSocketInbound

    /// Reads the messages one after the other.
    package struct Iterator: AsyncIteratorProtocol {
        let inbound: WebSocketInbound

        /// Returns nil after this side has closed, or when the task is cancelled.
        ///
        /// - Throws: `WebSocketClosed` when the other side has closed or the connection was lost.
        package mutating func next() async throws -> WebSocketMessage? { try await inbound.next() }

        /// - Throws: as `next()`.
        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> WebSocketMessage? {
            try await inbound.next()
        }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(inbound: inbound) }
}
