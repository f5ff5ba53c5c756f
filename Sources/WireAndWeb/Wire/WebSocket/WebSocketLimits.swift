/// How much a WebSocket may ask of us.
package struct WebSocketLimits: Sendable, Equatable {
    /// The most bytes of one message, after inflation; a larger one ends the connection with 1009.
    package var message = 1024 * 1024
    /// Outgoing messages below so many bytes are not worth compressing.
    package var smallestCompressed = 128

    package init() {}

    package init(message: Int, smallestCompressed: Int = 128) {
        self.message = message
        self.smallestCompressed = smallestCompressed
    }
}
