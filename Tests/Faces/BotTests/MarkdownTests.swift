import Bot
import Testing

struct MarkdownTests {
    @Test func `written markup shows as it was typed`() {
        #expect(Markdown.escape("*a* _b_ ~~c~~ `d` ||e||") == #"\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|"#)
        #expect(Markdown.escape("[x](https://evil.example)") == #"\[x\]\(https:"# + "\u{200B}" + #"//evil.example\)"#)
        #expect(Markdown.escape("# big\n> quote\n- list") == "\\# big\n\\> quote\n\\- list")
        #expect(Markdown.escape("C# 5-7") == "C# 5-7")
    }

    @Test func `mentions are broken and addresses stay whole`() {
        let text = Markdown.escape("@everyone <@123> <#4> :smile:")
        for mention in ["@everyone", "<@123>", "<#4>", ":smile:"] { #expect(!text.contains(mention)) }
        #expect(
            Markdown.escape("at https://example.org/a_b?c=*d") == #"at https"# + ":\u{200B}"
                + #"//example.org/a\_b?c=\*d"#)
        #expect(Markdown.escape("at https://example.org/a_b?c=d") == "at https://example.org/a_b?c=d")
    }

    @Test func `clipping keeps characters whole and adds an ellipsis`() {
        #expect(Markdown.clipped("abc", to: 3) == "abc")
        #expect(Markdown.clipped("abcd", to: 3) == "ab…")
        #expect(Markdown.clipped("a👩‍👩‍👧b", to: 4) == "a…")
        #expect(Markdown.clipped(#"ab\*cd"#, to: 4) == "ab…")
    }
}
