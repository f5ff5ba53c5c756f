/// What went wrong with a server that Tandem uses, in the kinds that a caller can act on.
package struct RemoteServerError<Server: RemoteServer>: CodedError, Equatable {
    /// What a caller can do about it.
    package enum Kind: String, Sendable {
        /// The address or an option is wrong; trying again doesn't help.
        case configuration
        /// There is no connection now; it is reestablished automatically. What was under way, and not confirmed, may or may
        /// not have been done.
        case unavailable
        /// More waits for the server than may; nothing was sent.
        case overloaded
        /// The server refused what was asked of it.
        case refused
        /// The server's answer makes no sense.
        case unexpected = "unexpected_answer"
        /// The connection was closed by its owner.
        case closed
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var code: String { "\(Server.code)_\(kind.rawValue)" }

    package var isTemporary: Bool {
        switch kind {
        case .unavailable, .overloaded, .closed: true
        case .configuration, .refused, .unexpected: false
        }
    }
}
