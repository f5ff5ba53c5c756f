/// Base 64 (RFC 4648): `standard` with padding, `url` without, as in URLs, cookies and tokens.
package enum Base64: Sendable {
    case standard, url

    /// The text for `bytes`: padded with `=` in the standard alphabet, not in the one for URLs.
    package static func encode(_ bytes: [UInt8], as form: Base64 = .standard) -> String {
        let alphabet = form == .standard ? standardAlphabet : urlAlphabet
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let rest = bytes.count - index
            let first = UInt32(bytes[index])
            let second = rest > 1 ? UInt32(bytes[index + 1]) : 0
            let third = rest > 2 ? UInt32(bytes[index + 2]) : 0
            let group = first << 16 | second << 8 | third
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            if rest > 1 { text.append(alphabet[Int(group >> 6 & 63)]) }
            if rest > 2 { text.append(alphabet[Int(group & 63)]) }
            if form == .standard, rest < 3 { text += repeatElement(UInt8(ascii: "="), count: 3 - rest) }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `text` stands for, or `nil` unless it is exactly what `encode` would have made of them: wrong
    /// characters, wrong padding, line breaks and stray bits are all refused, so that a value has one spelling.
    package static func decode(_ text: String, as form: Base64 = .standard) -> [UInt8]? {
        var characters = Array(text.utf8)
        if form == .standard {
            guard characters.count % 4 == 0 else { return nil }
            for _ in 0..<2 where characters.last == UInt8(ascii: "=") { characters.removeLast() }
        }
        guard characters.count % 4 != 1 else { return nil }
        if form == .standard, text.utf8.count != (characters.count + 3) / 4 * 4 { return nil }
        let values = form == .standard ? standardValues : urlValues
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for character in characters {
            let value = values[Int(character)]
            guard value != 255 else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bits & (1 << UInt32(count) - 1) == 0 ? bytes : nil
    }

    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let standardAlphabet = Array((letters + "+/").utf8)
    private static let urlAlphabet = Array((letters + "-_").utf8)
    private static let standardValues = values(of: standardAlphabet)
    private static let urlValues = values(of: urlAlphabet)

    private static func values(of alphabet: [UInt8]) -> [UInt8] {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }
}
