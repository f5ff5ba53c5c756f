import Core

/// Why the cache could not do something that callers can't do without.
package struct CacheError: CodedError, Equatable {
    /// What callers can tell apart; the raw value is the error's code.
    package enum Kind: String, Sendable {
        case unavailable = "cache_unavailable"
        /// The key or the value is too long.
        case tooLarge = "cache_value_too_large"
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var code: String { kind.rawValue }
    package var isTemporary: Bool { kind == .unavailable }
}
