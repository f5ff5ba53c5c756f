/// Reads a JSON document strictly: refuses what RFC 8259 doesn't allow, and also what no written form needs.
struct JSONReader {
    /// In bytes: the longest form has a third of it, so that there is room for white space.
    static var maximumLength: Int { 16384 }
    /// Arrays and objects in each other.
    static var maximumDepth: Int { 8 }
    /// Of one object.
    private static var maximumMembers: Int { 32 }

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func document(_ bytes: [UInt8]) throws(FormError) -> JSONValue {
        guard bytes.count <= maximumLength else { throw .tooLong }
        var reader = JSONReader(bytes)
        let value = try reader.value()
        reader.skipWhiteSpace()
        guard reader.position == bytes.count else { throw .trailingBytes }
        return value
    }

    private mutating func value() throws(FormError) -> JSONValue {
        skipWhiteSpace()
        switch try peek() {
        case 0x7B: return .object(try members())
        case 0x5B: return .array(try elements())
        case 0x22: return .text(try text())
        case 0x30...0x39: return .number(try number())
        // A minus: no form has a number below zero.
        case 0x2D: throw .impossible
        case 0x6E:
            try word("null")
            return .null
        case 0x74:
            try word("true")
            throw .wrongShape
        case 0x66:
            try word("false")
            throw .wrongShape
        default: throw .malformed
        }
    }

    private mutating func members() throws(FormError) -> [JSONValue.Member] {
        try enter()
        var members: [JSONValue.Member] = []
        guard try !closes(0x7D) else { return members }
        repeat {
            skipWhiteSpace()
            guard try peek() == 0x22 else { throw .malformed }
            let name = try text()
            skipWhiteSpace()
            guard try peek() == 0x3A else { throw .malformed }
            position += 1
            for member in members where member.name == name { throw .wrongShape }
            guard members.count < JSONReader.maximumMembers else { throw .wrongShape }
            members.append(JSONValue.Member(name: name, value: try value()))
        } while try continues(0x7D)
        return members
    }

    private mutating func elements() throws(FormError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        guard try !closes(0x5D) else { return elements }
        repeat { elements.append(try value()) } while try continues(0x5D)
        return elements
    }

    /// Steps over an opening bracket.
    private mutating func enter() throws(FormError) {
        position += 1
        depth += 1
        guard depth <= JSONReader.maximumDepth else { throw .tooDeep }
    }

    /// Steps over a closing bracket, if there is one.
    private mutating func closes(_ bracket: UInt8) throws(FormError) -> Bool {
        skipWhiteSpace()
        guard try peek() == bracket else { return false }
        position += 1
        depth -= 1
        return true
    }

    /// Steps over a comma, or over the closing bracket.
    /// - Returns: whether something follows.
    private mutating func continues(_ bracket: UInt8) throws(FormError) -> Bool {
        guard try !closes(bracket) else { return false }
        guard try peek() == 0x2C else { throw .malformed }
        position += 1
        return true
    }

    /// Printable ASCII without escapes: no name and no code of the forms needs more.
    private mutating func text() throws(FormError) -> [UInt8] {
        position += 1
        let start = position
        while true {
            switch try peek() {
            case 0x22:
                position += 1
                return Array(bytes[start..<(position - 1)])
            case 0x00..<0x20: throw .malformed
            case 0x5C, 0x7F...0xFF: throw .wrongShape
            default: position += 1
            }
        }
    }

    /// Up to four digits: no number of the forms has more.
    private mutating func number() throws(FormError) -> Int {
        let start = position
        var number = 0
        while position < bytes.count, 0x30...0x39 ~= bytes[position] {
            guard position - start < 4 else { throw .impossible }
            if position > start, number == 0 { throw .malformed }
            number = number * 10 + Int(bytes[position] - 0x30)
            position += 1
        }
        // A fraction or an exponent.
        if position < bytes.count, [0x2E, 0x45, 0x65].contains(bytes[position]) { throw .impossible }
        return number
    }

    private mutating func word(_ word: StaticString) throws(FormError) {
        for place in 0..<word.utf8CodeUnitCount {
            guard try unsafe peek() == word.utf8Start[place] else { throw .malformed }
            position += 1
        }
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private func peek() throws(FormError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        return bytes[position]
    }
}
