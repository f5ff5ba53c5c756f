package import Core
import Crypto

/// JSON that was written once for all who may have it, with a tag that names its content.
package struct EncodedJSON: Sendable, Hashable {
    package let bytes: [UInt8]
    /// An entity tag (RFC 9110, section 8.8.3): differs if anything does.
    package let tag: String

    package init(_ value: some JSONWritable) {
        bytes = JSONWriter.bytes(value)
        tag = Self.tag(of: bytes)
    }

    /// The entity tag of these bytes.
    package static func tag(of bytes: [UInt8]) -> String {
        "\"\(Base64.encode(Array(SHA256.hash(bytes).prefix(18)), as: .url))\""
    }
}
