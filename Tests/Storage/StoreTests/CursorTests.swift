import Store
import Testing

struct CursorTests {
    @Test(arguments: ["a-0", "4f0c9d21a7b35e68-1042", "z9-9223372036854775807", "01234567890123456789012345678901-7"])
    func `a cursor reads back as it was written`(text: String) throws {
        let cursor = try #require(Cursor(text))
        #expect(cursor.description == text)
        #expect(Cursor(epoch: cursor.epoch, number: cursor.number) == cursor)
    }

    @Test(arguments: [
        "", "-", "a", "a-", "-1", "a--1", "a-+1", "a-01", "a-00", "a- 1", " a-1", "a-1 ", "a-1\n", "a-1-2", "A-1",
        "ä-1",
        "a-٣", "a-1.0", "a-1e3", "a-0x1", "a_b-1", "a-9223372036854775808", "a-99999999999999999999", "a\u{0}-1",
        "012345678901234567890123456789012-7", "a-1\u{301}", "a\u{301}-1", "\u{FEFF}a-1", "null", "undefined-NaN",
    ])
    func `a malformed cursor is none`(text: String) { #expect(Cursor(text) == nil) }

    @Test func `new epochs differ and make valid cursors`() {
        let epochs = (0..<1000).map { _ in Cursor.newEpoch() }
        #expect(Set(epochs).count == 1000)
        #expect(epochs.allSatisfy { $0.utf8.count == 16 && Cursor("\($0)-1") != nil })
    }

    @Test func `a part of a longer text is read like any other`() {
        #expect(Cursor("id: a-12".dropFirst(4)) == Cursor(epoch: "a", number: 12))
    }
}
