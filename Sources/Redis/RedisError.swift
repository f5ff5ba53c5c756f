import Core

/// What went wrong with a Redis server, told apart as far as a caller can act on it.
package struct RedisError: CodedError, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The address or an option is wrong; trying again doesn't help.
        case configuration = "redis_configuration"
        /// There is no connection now; one is attempted again by itself. The command may or may not have been executed if
        /// it was under way.
        case unavailable = "redis_unavailable"
        /// More waits for the server than may; the command was not sent.
        case overloaded = "redis_overloaded"
        /// The server answered the command with an error.
        case refused = "redis_refused"
        /// The server's answer makes no sense.
        case unexpected = "redis_unexpected_answer"
        /// The connection was closed by its owner.
        case closed = "redis_closed"
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
