extension JSON {
    /// Why a text is not JSON.
    package struct ParsingError: Error, Equatable {
        /// Where the error is, in bytes from the start.
        package let offset: Int
    }

    /// Parses one JSON text (RFC 8259), nested at most 128 deep.
    ///
    /// - Throws: `ParsingError`.
    package init(parsing bytes: [UInt8]) throws(ParsingError) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.document()
    }

    /// Parses one JSON text.
    ///
    /// - Throws: `ParsingError`.
    package init(parsing text: String) throws(ParsingError) { try self.init(parsing: Array(text.utf8)) }
}

private struct JSONReader {
    let bytes: [UInt8]
    var position = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var fault: JSON.ParsingError { JSON.ParsingError(offset: position) }
    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func document() throws(JSON.ParsingError) -> JSON {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw fault }
        return value
    }

    mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func value() throws(JSON.ParsingError) -> JSON {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try nested { (reader) throws(JSON.ParsingError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { (reader) throws(JSON.ParsingError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    mutating func nested(
        _ read: (inout JSONReader) throws(JSON.ParsingError) -> JSON
    ) throws(JSON.ParsingError) -> JSON {
        guard depth < 128 else { throw fault }
        depth += 1
        position += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    mutating func object() throws(JSON.ParsingError) -> JSON {
        var members: [JSON.Member] = []
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return .object([])
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw fault }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw fault }
            position += 1
            members.append(JSON.Member(key: key, value: try value()))
            if try ended(UInt8(ascii: "}")) { return .object(members) }
        }
    }

    mutating func array() throws(JSON.ParsingError) -> JSON {
        var elements: [JSON] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            elements.append(try value())
            if try ended(UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    /// After an element: whether the closing bracket or a comma follows.
    mutating func ended(_ bracket: UInt8) throws(JSON.ParsingError) -> Bool {
        skipSpace()
        guard let byte = current, byte == bracket || byte == UInt8(ascii: ",") else { throw fault }
        position += 1
        return byte == bracket
    }

    mutating func literal(_ word: StaticString, _ value: JSON) throws(JSON.ParsingError) -> JSON {
        for byte in word.description.utf8 {
            guard current == byte else { throw fault }
            position += 1
        }
        return value
    }

    mutating func number() throws(JSON.ParsingError) -> JSON {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        let first = position
        try digits()
        if position - first > 1, bytes[first] == UInt8(ascii: "0") { throw fault }
        var whole = true
        if current == UInt8(ascii: ".") {
            whole = false
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            whole = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if whole, let integer = Int64(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw fault }
        return .number(double)
    }

    mutating func digits() throws(JSON.ParsingError) {
        let start = position
        while let byte = current, byte >= 0x30, byte <= 0x39 { position += 1 }
        guard position > start else { throw fault }
    }

    mutating func string() throws(JSON.ParsingError) -> String {
        position += 1
        var out: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: out, as: UTF8.self) else { throw fault }
                return text
            case UInt8(ascii: "\\"): out += try escape()
            case 0..<0x20: throw fault
            default: out.append(byte)
            }
        }
        throw fault
    }

    mutating func escape() throws(JSON.ParsingError) -> [UInt8] {
        guard let byte = current else { throw fault }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            let high = try hexUnit()
            var scalar = UInt32(high)
            if (0xD800..<0xDC00).contains(high), current == UInt8(ascii: "\\"), position + 1 < bytes.count,
                bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                let low = try hexUnit()
                guard (0xDC00..<0xE000).contains(low) else { throw fault }
                scalar = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
            }
            guard let value = Unicode.Scalar(scalar) else { throw fault }
            return Array(String(Character(value)).utf8)
        default: throw fault
        }
    }

    mutating func hexUnit() throws(JSON.ParsingError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw fault }
        var value: UInt16 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fault }
            value = value << 4 | UInt16(digit)
        }
        position += 4
        return value
    }
}
