/// The written forms of states, actions and views. All begin with a version, so that a later one can still read them.
package enum Form {
    package static var version: UInt8 { 1 }

    /// The second byte of a binary form says what follows.
    enum Kind: UInt8 {
        case action = 0x41
        case state = 0x53
        case view = 0x56
    }
}

/// Why bytes can't be read. Nothing is read of bytes that the rules don't allow.
package enum FormError: UInt8, Error, Sendable, Equatable {
    case truncated
    case trailingBytes
    case unknownVersion
    case wrongKind
    /// A number that means nothing, or a game that the rules can't lead to.
    case impossible

    package var code: StaticString {
        switch self {
        case .truncated: "TRUNCATED"
        case .trailingBytes: "TRAILING_BYTES"
        case .unknownVersion: "UNKNOWN_VERSION"
        case .wrongKind: "WRONG_KIND"
        case .impossible: "IMPOSSIBLE"
        }
    }
}
