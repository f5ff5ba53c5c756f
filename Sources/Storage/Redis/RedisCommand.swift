/// A command as it goes over the wire.
package struct RedisCommand: Sendable {
    /// One word of a command.
    package enum Word: Sendable, ExpressibleByStringInterpolation {
        case text(String)
        case bytes([UInt8])
        case integer(Int64)

        package init(stringLiteral value: String) { self = .text(value) }
    }

    /// The first word, for the log.
    package let name: String
    let encoded: [UInt8]

    package init(_ words: Word...) { self.init(words) }

    /// - Precondition: there is at least one word.
    package init(_ words: [Word]) {
        precondition(!words.isEmpty)
        var encoded: [UInt8] = []
        encoded.append("*", words.count)
        for word in words {
            switch word {
            case .text(let text): encoded.append(word: text.utf8)
            case .bytes(let bytes): encoded.append(word: bytes)
            case .integer(let number): encoded.append(word: String(number).utf8)
            }
        }
        self.encoded = encoded
        if case .text(let name) = words[0] { self.name = name } else { name = "?" }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ mark: Unicode.Scalar, _ count: Int) {
        append(UInt8(ascii: mark))
        append(contentsOf: String(count).utf8)
        append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
    }

    fileprivate mutating func append(word: some Collection<UInt8>) {
        append("$", word.count)
        append(contentsOf: word)
        append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
    }
}
