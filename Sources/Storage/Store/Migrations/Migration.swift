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
        let hash = statements.reduce(FNV1a.start) { hash, statement in
            FNV1a.adding(0xFF, to: statement.utf8.reduce(hash) { FNV1a.adding($1, to: $0) })
        }
        return String(hash, radix: 16)
    }
}
