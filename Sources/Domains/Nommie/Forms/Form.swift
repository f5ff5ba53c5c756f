/// The written forms of states, actions and views. Each begins with its version, so that later programs can still read it.
package enum Form {
    package static var version: UInt8 { 1 }

    /// The second byte of a binary form: what follows.
    enum Kind: UInt8 {
        case action = 0x41
        case state = 0x53
        case view = 0x56
    }
}

/// Why a form can't be read. Forms of games to which the rules can't lead are refused.
package enum FormError: UInt8, Error, Sendable, Equatable {
    /// It ends too early.
    case truncated
    case trailingBytes
    case unknownVersion
    /// The form of something else.
    case wrongKind
    /// A number or a name that means nothing, a game to which the rules can't lead, or members that contradict each other.
    case impossible
    /// Not JSON.
    case malformed
    /// JSON with a member missing, unknown, twice or of another type.
    case wrongShape
    /// Longer than `JSONReader.maximumLength`.
    case tooLong
    /// Nested deeper than `JSONReader.maximumDepth`.
    case tooDeep

    package var code: StaticString {
        switch self {
        case .truncated: "TRUNCATED"
        case .trailingBytes: "TRAILING_BYTES"
        case .unknownVersion: "UNKNOWN_VERSION"
        case .wrongKind: "WRONG_KIND"
        case .impossible: "IMPOSSIBLE"
        case .malformed: "MALFORMED"
        case .wrongShape: "WRONG_SHAPE"
        case .tooLong: "TOO_LONG"
        case .tooDeep: "TOO_DEEP"
        }
    }
}
