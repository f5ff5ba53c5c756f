import Testing
import Wire

@Suite(.tags(.wire)) struct SSETests {
    static func parts(_ pieces: [[UInt8]]) throws -> [SSEParser.Part] {
        var parser = SSEParser()
        var parts: [SSEParser.Part] = []
        for piece in pieces {
            parser.append(piece)
            while let part = try parser.next() { parts.append(part) }
        }
        return parts
    }

    static func event(_ data: String, id: String = "", event: String = "message") -> SSEParser.Part {
        .event(SSEEvent(id: id, event: event, data: data))
    }

    static let vectors: [(text: String, parts: [SSEParser.Part])] = [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [event("YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [.comment("test stream"), event("first event", id: "1"), event("second event"), event(" third event")]
        ),
        ("data\n\ndata\ndata\n\ndata:", [event(""), event("\n")]),
        ("data:test\n\ndata: test\n\n", [event("test"), event("test")]),
        ("\u{FEFF}data: a\n\n\u{FEFF}data: b\n\n", [event("a")]),
        ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", [event("a"), event("b"), event("c")]),
        ("data: a\r\ndata: b\rdata: c\n\r\n", [event("a\nb\nc")]),
        ("event: x\ndata: a\n\ndata: b\n\nevent: y\n\ndata: c\n\n", [event("a", event: "x"), event("b"), event("c")]),
        ("id: 1\n\ndata: a\n\n", [event("a", id: "1")]),
        (
            "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid:\ndata: c\n\n",
            [event("a", id: "1"), event("b", id: "1"), event("c")]
        ),
        ("retry: 3000\nretry: 3 \nretry: -1\nretry:\ndata: a\n\n", [.retry(3000), event("a")]),
        ("unknown: x\nData: y\n data: z\ndata:a:b\n\n", [event("a:b")]),
        (":\n:a\n::\n", [.comment(""), .comment("a"), .comment(":")]),
        ("data: no end", []),
        ("data: é€😀\n\n", [event("é€😀")]),
        ("", []),
    ]

    @Test(arguments: vectors)
    func `a stream is read the same however it is cut`(vector: (text: String, parts: [SSEParser.Part])) throws {
        for pieces in splits(vector.text) { #expect(try Self.parts(pieces) == vector.parts) }
    }

    @Test func `an event that is cut off doesn't move the place to resume from`() throws {
        var parser = SSEParser(lastEventID: "6")
        parser.append("id: 7\ndata: x\n".utf8)
        #expect(try parser.next() == nil)
        #expect(parser.lastEventID == "6")
        parser.append("\n".utf8)
        #expect(try parser.next() == Self.event("x", id: "7"))
        #expect(parser.lastEventID == "7")
    }

    @Test func `a line or an event that is too long fails for good`() {
        for text in [String(repeating: "x", count: 200), String(repeating: "data: 12345678\n", count: 20)] {
            var parser = SSEParser(limit: 100)
            parser.append(text.utf8)
            #expect(throws: SSEParser.TooLarge.self) { while try parser.next() != nil {} }
            #expect(throws: SSEParser.TooLarge.self) { try parser.next() }
        }
    }

    @Test func `what is encoded reads as it should`() {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        #expect(text(SSE.encode(id: "a-1", data: #"{"x":1}"#)) == "id: a-1\ndata: {\"x\":1}\n\n")
        #expect(
            text(SSE.encode(id: "1", event: "e", data: "a", retry: 5, comment: "c"))
                == ": c\nretry: 5\nevent: e\nid: 1\ndata: a\n\n")
        #expect(text(SSE.encode(comment: "")) == ": \n\n")
    }

    @Test(arguments: ["", "a", " a", "a\n", "\na\n\nb", "a\r\nb\rc\nd", "data: x\n\nid: 9", "\0", "\u{FEFF}é", ":"])
    func `any text is read back, with its line ends as LF`(text: String) throws {
        let bytes = SSE.encode(id: "i\nd", event: "e\r\nvent", data: text, comment: text)
        let expected = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let parts = try Self.parts([bytes])
        #expect(parts.last == Self.event(expected, id: "id", event: "event"))
        #expect(
            parts.dropLast()
                == expected.split(separator: "\n", omittingEmptySubsequences: false)
                .map { .comment(String($0)) }[...])
    }
}
