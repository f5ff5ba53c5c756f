import Core

/// Why bytes could not be inflated.
package enum CompressionError: CodedError, Equatable {
    /// They are no data of the format. The inflater can't be used any further.
    case malformed
    /// They inflate to more than the caller accepts. The inflater can't be used any further.
    case tooLarge

    package var code: String {
        switch self {
        case .malformed: "malformed_compression"
        case .tooLarge: "inflated_too_large"
        }
    }

    package var message: String {
        switch self {
        case .malformed: "The compressed data is damaged."
        case .tooLarge: "The compressed data inflates to more than is accepted."
        }
    }
}

/// What surrounds the deflated data (RFC 1950 to 1952).
package enum CompressionFormat: Sendable, CaseIterable {
    /// Nothing.
    case raw
    case zlib
    case gzip

    /// zlib's parameter for the format: negative for raw, 16 more for gzip.
    func windowBits(_ bits: Int32) -> Int32 {
        switch self {
        case .raw: -bits
        case .zlib: bits
        case .gzip: bits + 16
        }
    }
}
