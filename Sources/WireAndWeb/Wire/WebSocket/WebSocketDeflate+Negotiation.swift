/// How `permessage-deflate` is agreed on (RFC 7692 §7.1).
extension WebSocketDeflate {
    static let name = "permessage-deflate"

    private static let serverContext = "server_no_context_takeover"
    private static let clientContext = "client_no_context_takeover"
    private static let serverWindow = "server_max_window_bits"
    private static let clientWindow = "client_max_window_bits"

    /// The parameters of one side.
    private struct Parameters {
        var serverTakesNoContextOver = false
        var clientTakesNoContextOver = false
        var serverWindowBits: Int?
        /// Given without a value: any will do.
        var clientWindowBits: Int??

        /// - Returns: `nil` where one is unknown, repeated or out of its range.
        init?(_ entry: WebSocketExtension) {
            guard Set(entry.parameters.map(\.name)).count == entry.parameters.count else { return nil }
            for (name, value) in entry.parameters {
                let bits = value.flatMap { ASCII.decimal($0.utf8) }
                    .flatMap { (8...15).contains($0) && value == String($0) ? $0 : nil }
                switch name {
                case WebSocketDeflate.serverContext where value == nil: serverTakesNoContextOver = true
                case WebSocketDeflate.clientContext where value == nil: clientTakesNoContextOver = true
                case WebSocketDeflate.serverWindow where bits != nil: serverWindowBits = bits
                case WebSocketDeflate.clientWindow where bits != nil || value == nil: clientWindowBits = .some(bits)
                default: return nil
                }
            }
        }
    }

    // MARK: The server's side

    /// What a server answers to the first offer that it can take up, and what holds then.
    func accept(_ offers: [WebSocketExtension]) -> (answer: String, agreed: WebSocketDeflate)? {
        for offer in offers where offer.name == Self.name {
            guard let parameters = Parameters(offer) else { continue }
            // zlib can't compress raw data with a window of 256 bytes.
            let window = min(serverWindowBits, parameters.serverWindowBits ?? 15)
            guard window >= 9 else { continue }
            var agreed = self
            agreed.serverTakesNoContextOver = serverTakesNoContextOver || parameters.serverTakesNoContextOver
            agreed.clientTakesNoContextOver = clientTakesNoContextOver || parameters.clientTakesNoContextOver
            agreed.serverWindowBits = window
            agreed.clientWindowBits = 15
            var answer = Self.name
            if agreed.serverTakesNoContextOver { answer += "; " + Self.serverContext }
            if agreed.clientTakesNoContextOver { answer += "; " + Self.clientContext }
            if parameters.serverWindowBits != nil || window < 15 { answer += "; \(Self.serverWindow)=\(window)" }
            return (answer, agreed)
        }
        return nil
    }

    // MARK: The client's side

    /// What a client offers.
    var offer: String {
        var offer = Self.name
        if serverTakesNoContextOver { offer += "; " + Self.serverContext }
        if clientTakesNoContextOver { offer += "; " + Self.clientContext }
        return offer
    }

    /// What holds after the server's answer to `offer`; `nil` where the answer doesn't follow from it.
    func agreed(by answer: WebSocketExtension) -> WebSocketDeflate? {
        guard answer.name == Self.name, let parameters = Parameters(answer), parameters.clientWindowBits == nil,
            parameters.serverTakesNoContextOver || !serverTakesNoContextOver
        else { return nil }
        return WebSocketDeflate(
            serverTakesNoContextOver: parameters.serverTakesNoContextOver,
            clientTakesNoContextOver: clientTakesNoContextOver || parameters.clientTakesNoContextOver,
            serverWindowBits: parameters.serverWindowBits ?? 15)
    }
}
