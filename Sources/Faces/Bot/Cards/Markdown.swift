/// Escapes what users wrote for Discord's markup: it shows as it was typed, mentions nobody and formats nothing.
package enum Markdown {
    /// Returns the text with backslashes before everything that Discord could take for markup. URLs stay as they are, so
    /// that they can be followed.
    package static func escape(_ text: String) -> String {
        var out = ""
        var word = ""
        func flush() {
            out += isAddress(word) ? word : escapeWord(word)
            word = ""
        }
        for character in text {
            if character.isWhitespace {
                flush()
                out.append(character)
            } else {
                word.append(character)
            }
        }
        flush()
        return out
    }

    private static func isAddress(_ word: String) -> Bool {
        guard word.hasPrefix("https://") || word.hasPrefix("http://") else { return false }
        return word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._~:/?#@!$&'+,;=%".utf8.contains(byte)
            }
        }
    }

    private static func escapeWord(_ word: String) -> String {
        var out = ""
        for (offset, scalar) in word.unicodeScalars.enumerated() {
            switch scalar {
            case "\\", "*", "_", "~", "`", "|", "<", ">", "[", "]", "(", ")": out += "\\"
            // Headings, lists and quotes begin a line; escaping them inside a word would only show the backslash.
            case "#", "-", "+": if offset == 0 { out += "\\" }
            case "@", ":":
                // A mention or emoji is broken up by a character that has no width.
                out.unicodeScalars.append(scalar)
                out.unicodeScalars.append("\u{200B}")
                continue
            default: break
            }
            out.unicodeScalars.append(scalar)
        }
        return out
    }

    /// Returns at most `limit` UTF-16 units of the text, cut between characters and with an ellipsis where something is cut.
    package static func clipped(_ text: String, to limit: Int) -> String {
        guard text.utf16.count > limit else { return text }
        var out = ""
        var count = 0
        for character in text {
            let width = character.utf16.count
            guard count + width <= limit - 1 else { break }
            out.append(character)
            count += width
        }
        // A backslash at the end would escape the ellipsis.
        while out.last == "\\" { out.removeLast() }
        return out + "…"
    }
}
