import Core

/// What went wrong with a RabbitMQ server, told apart as far as a caller can act on it.
package struct RabbitError: CodedError, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The address or an option is wrong; trying again doesn't help.
        case configuration = "rabbitmq_configuration"
        /// There is no connection now, or it was lost before the server had confirmed; one is attempted again by itself.
        case unavailable = "rabbitmq_unavailable"
        /// More waits for the server than may; nothing was sent.
        case overloaded = "rabbitmq_overloaded"
        /// The server refused what was asked of it, or could not take a message.
        case refused = "rabbitmq_refused"
        /// The connection was closed by its owner.
        case closed = "rabbitmq_closed"
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var code: String { kind.rawValue }

    package var isTemporary: Bool {
        switch kind {
        case .unavailable, .overloaded, .closed: true
        default: false
        }
    }
}
