/// One step in the life of a schema. Once released it never changes: a later step corrects it.
package struct Migration: Sendable {
    package let number: Int
    package let name: String
    /// One SQL statement each, in order.
    package let statements: [String]

    package init(_ number: Int, _ name: String, _ statements: [String]) {
        self.number = number
        self.name = name
        self.statements = statements
    }

    /// A checksum (FNV-1a, 64 bits) that shows when an applied migration was edited by mistake.
    package var checksum: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for statement in statements {
            for byte in statement.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }
}
