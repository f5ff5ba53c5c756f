package import Wire

/// What arrives on a WebSocket, as a sequence for one task.
package struct WebSocketMessages: AsyncSequence, Sendable {
    let inbound: WebSocketInbound

    package struct Iterator: AsyncIteratorProtocol {
        let inbound: WebSocketInbound

        /// Nil after this side has closed, or when the task is cancelled.
        package mutating func next() async throws -> WebSocketMessage? { try await inbound.next() }

        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> WebSocketMessage? {
            try await inbound.next()
        }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(inbound: inbound) }
}
