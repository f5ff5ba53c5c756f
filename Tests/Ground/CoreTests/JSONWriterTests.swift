import Core
import FoundationEssentials
import Testing

struct JSONWriterTests {
    /// Every control character, what must be escaped, and what must not.
    static let texts =
        (0..<0x80).map { "a\(Unicode.Scalar(UInt8($0)))b" } + [
            "", "\"", "\\", "\\\"/", "é", "e\u{301}", "日本語", "👩‍👩‍👧‍👦", "\u{2028}\u{2029}", "\u{7f}\u{80}\u{9f}", "\u{FEFF}",
            "\u{FFFF}",
            "\u{10FFFF}", "</script>", "\r\n", String(repeating: "x\"", count: 5000),
        ]

    @Test func `texts are written as the encoder writes them, and read again`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        for text in Self.texts {
            var writer = JSONWriter()
            writer.string(text)
            #expect(try writer.bytes == Array(encoder.encode(text)), "\(text.debugDescription)")
            #expect(try JSONDecoder().decode(String.self, from: Data(writer.bytes)) == text)
        }
    }

    @Test func `objects and arrays are written as the encoder writes them`() throws {
        struct Inner: Codable, JSONWritable {
            let flag: Bool
            let text: String?

            func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.member("flag", flag)
                    if let text { writer.member("text", text) }
                }
            }
        }
        struct Outer: Codable, JSONWritable {
            let empty: [Inner]
            let inner: Inner
            let list: [Inner]
            let number: Int64
            let other: Int

            func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.member("empty", empty)
                    writer.member("inner", inner)
                    writer.member("list", list)
                    writer.member("number", number)
                    writer.member("other", other)
                }
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let inner = Inner(flag: true, text: nil)
        for number in [Int64.min, -1, 0, 1, .max] {
            let outer = Outer(
                empty: [], inner: inner, list: [inner, Inner(flag: false, text: "\n")], number: number, other: 7)
            #expect(try JSONWriter.bytes(outer) == Array(encoder.encode(outer)))
        }
    }

    @Test func `what is missing is null, and what is JSON already is taken over`() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("a", nil)
            writer.name("b")
            writer.json(Array("[1]".utf8))
            writer.name("c")
            writer.object { _ in }
            writer.member("d", "x" as String?)
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":null,"b":[1],"c":{},"d":"x"}"#)
    }
}
