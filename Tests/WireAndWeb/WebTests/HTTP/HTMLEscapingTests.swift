import Testing
import Web

struct HTMLEscapingTests {
    @Test func `what has a meaning in HTML loses it, and nothing else changes`() {
        let attack = "\"><script>alert('&')</script>"
        #expect(
            HTMLEscaping.escape(attack) == "&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;")
        #expect(HTMLEscaping.escape("Ädä 🎲, 1 / 2") == "Ädä 🎲, 1 / 2")
    }

    @Test func `a combining mark behind a quotation mark doesn't hide it`() {
        #expect(HTMLEscaping.escape("\"\u{301}x") == "&quot;\u{301}x")
    }
}
