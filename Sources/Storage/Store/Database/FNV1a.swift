/// The hash FNV-1a with 64 bits: the same in every process and version, and no protection against forgery.
/// https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
enum FNV1a {
    static let start: UInt64 = 0xcbf2_9ce4_8422_2325

    static func adding(_ byte: UInt8, to hash: UInt64) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

    static func hash(_ text: String) -> Int64 {
        Int64(bitPattern: text.utf8.reduce(start) { adding($1, to: $0) })
    }
}
