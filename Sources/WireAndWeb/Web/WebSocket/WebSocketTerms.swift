import Wire

/// What holds for a WebSocket as long as it lasts. Sockets with the same terms share them.
final class WebSocketTerms {
    let role: WebSocketRole
    let options: WebSocketOptions
    let deflate: WebSocketDeflate?
    let subprotocol: String?

    init(role: WebSocketRole, options: WebSocketOptions, deflate: WebSocketDeflate?, subprotocol: String?) {
        self.role = role
        self.options = options
        self.deflate = deflate
        self.subprotocol = subprotocol
    }

    /// Those of the last socket where they are the same, otherwise new ones.
    static func server(
        _ options: WebSocketOptions, _ deflate: WebSocketDeflate?, _ subprotocol: String?, last: WebSocketTerms?
    ) -> WebSocketTerms {
        if let last, last.options == options, last.deflate == deflate, last.subprotocol == subprotocol { return last }
        return WebSocketTerms(role: .server, options: options, deflate: deflate, subprotocol: subprotocol)
    }
}
