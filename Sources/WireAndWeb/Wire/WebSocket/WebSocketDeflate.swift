/// What both sides agreed on about `permessage-deflate` (RFC 7692 §7).
///
/// A side that takes no context over keeps no memory between messages. That is what we ask for.
package struct WebSocketDeflate: Sendable, Equatable {
    /// The server compresses each message for itself.
    package var serverTakesNoContextOver = true
    /// The client compresses each message for itself.
    package var clientTakesNoContextOver = true
    /// How far back a server's repetitions reach, as a power of two, 9 to 15.
    package var serverWindowBits = 15
    /// The same for a client's.
    package var clientWindowBits = 15

    package init(
        serverTakesNoContextOver: Bool = true, clientTakesNoContextOver: Bool = true, serverWindowBits: Int = 15,
        clientWindowBits: Int = 15
    ) {
        self.serverTakesNoContextOver = serverTakesNoContextOver
        self.clientTakesNoContextOver = clientTakesNoContextOver
        self.serverWindowBits = serverWindowBits
        self.clientWindowBits = clientWindowBits
    }

    func takesNoContextOver(_ sender: WebSocketRole) -> Bool {
        sender == .server ? serverTakesNoContextOver : clientTakesNoContextOver
    }

    func windowBits(_ sender: WebSocketRole) -> Int { sender == .server ? serverWindowBits : clientWindowBits }
}
