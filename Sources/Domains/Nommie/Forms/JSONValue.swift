/// JSON (RFC 8259) as far as the written forms need it: no fractions, no signs, no `true` and `false`, text of plain ASCII.
enum JSONValue: Sendable {
    case null
    case number(Int)
    case text([UInt8])
    case array([JSONValue])
    case object([Member])

    struct Member: Sendable {
        let name: [UInt8]
        let value: JSONValue
    }

    /// An object's member.
    subscript(name: StaticString) -> JSONValue {
        get throws(FormError) {
            guard case .object(let members) = self else { throw .wrongShape }
            for member in members where member.name.spell(name) { return member.value }
            throw .wrongShape
        }
    }

    var isNull: Bool { if case .null = self { true } else { false } }

    var number: Int {
        get throws(FormError) {
            guard case .number(let number) = self else { throw .wrongShape }
            return number
        }
    }

    var text: [UInt8] {
        get throws(FormError) {
            guard case .text(let letters) = self else { throw .wrongShape }
            return letters
        }
    }

    var elements: [JSONValue] {
        get throws(FormError) {
            guard case .array(let elements) = self else { throw .wrongShape }
            return elements
        }
    }

    /// Requires the same document as another, apart from the order of objects' members.
    /// - Throws: `wrongShape` where members or types differ, `impossible` where values differ.
    func expect(_ other: JSONValue) throws(FormError) {
        switch (self, other) {
        case (.null, .null): return
        case (.number(let own), .number(let others)):
            guard own == others else { throw .impossible }
        case (.text(let own), .text(let others)):
            guard own == others else { throw .impossible }
        case (.array(let own), .array(let others)):
            guard own.count == others.count else { throw .impossible }
            for place in 0..<own.count { try own[place].expect(others[place]) }
        case (.object(let own), .object(let others)):
            guard own.count == others.count else { throw .wrongShape }
            for member in own { try member.expectOne(of: others) }
        case (.null, _), (_, .null): throw .impossible
        default: throw .wrongShape
        }
    }
}

extension JSONValue.Member {
    fileprivate func expectOne(of others: [JSONValue.Member]) throws(FormError) {
        for other in others where other.name == name { return try value.expect(other.value) }
        throw .wrongShape
    }
}

extension [UInt8] {
    /// Whether these are the letters of a text.
    func spell(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for place in 0..<count where unsafe self[place] != text.utf8Start[place] { return false }
        return true
    }
}
