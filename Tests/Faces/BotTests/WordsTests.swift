import Bot
import Guilds
import Testing

@Suite struct WordsTests {
    /// 2027-02-28T22:30:00Z.
    private let now: Int64 = 1_803_853_800_000

    @Test(arguments: [
        ("2027-03-01 18:30", 1_803_925_800), ("2027-03-01 18:30 UTC", 1_803_925_800),
        ("2027-03-01 18:30 +02:00", 1_803_918_600), ("2027-03-01 18:30 utc+2", 1_803_918_600),
        ("2027-03-01T18:30:00Z", 1_803_925_800), ("2027-03-01t18:30:00+02:00", 1_803_918_600),
        ("<t:1803925800>", 1_803_925_800), ("<t:1803925800:F>", 1_803_925_800),
        ("today 23:00", 1_803_855_600), ("tomorrow 8:00", 1_803_888_000),
        // With an offset of two hours it is the first of March already.
        ("today 20:00 +2", 1_803_924_000), ("tomorrow 20:00 +02:00", 1_804_010_400),
        ("in 90 minutes", 1_803_859_200), ("in 2 hours", 1_803_861_000), ("in 2h", 1_803_861_000),
        ("in 1h 30min", 1_803_859_200), ("in 1 h 30 min", 1_803_859_200), ("IN 3 Days", 1_804_113_000),
        ("  in   1 week ", 1_804_458_600),
    ])
    func `times are read as people write them`(text: String, seconds: Int64) {
        #expect(GameTime.parse(text, now: now) == seconds * 1000)
    }

    @Test(arguments: [
        "", "soon", "18:30", "2027-02-29 18:30", "2027-03-01 25:00", "2027-03-01", "in", "in two hours", "in 5",
        "in -5 minutes", "in 999999 days", "<t:>", "<t:1:F:G>", "<t:abc>", "today", "today 8", "tomorrow 20:00 CET",
        "2027-03-01 18:30 +99:00", "2027-03-01 18:30 +02:00 extra", "in 0 minutes", "１２:00",
    ])
    func `what is no clear time is not guessed`(text: String) {
        #expect(GameTime.parse(text, now: now) == nil)
    }

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

    @Test func `clipping keeps characters whole and says that something is missing`() {
        #expect(Markdown.clipped("abc", to: 3) == "abc")
        #expect(Markdown.clipped("abcd", to: 3) == "ab…")
        #expect(Markdown.clipped("a👩‍👩‍👧b", to: 4) == "a…")
        #expect(Markdown.clipped(#"ab\*cd"#, to: 4) == "ab…")
    }

    @Test func `a member list is whole when all parts are there, and follows who comes and goes`() {
        var chunks = MemberChunks()
        let guild = GuildID(7)
        func user(_ number: Int64) -> UserID { UserID(number) }
        let nonce = chunks.requested(guild)
        #expect(chunks.received([user(1), user(2)], of: guild, part: 0, of: 2, nonce: nonce).complete == nil)
        chunks.left(user(2), guild)
        chunks.left(user(3), guild)
        chunks.joined(user(9), guild)
        let last = chunks.received([user(3), user(4)], of: guild, part: 1, of: 2, nonce: nonce)
        #expect(last.current == [user(4)])
        #expect(last.complete == [user(1), user(4), user(9)])
        chunks.forgot(guild)
        #expect(chunks.received([user(5)], of: guild, part: 0, of: 1, nonce: nonce).complete == nil)
    }

    @Test func `a part of a list that was asked for before a newer one brings nobody back`() {
        var chunks = MemberChunks()
        let (guild, ann, ben) = (GuildID(7), UserID(1), UserID(2))
        let first = chunks.requested(guild)
        chunks.left(ben, guild)
        let again = chunks.requestedAgain()
        #expect(again.map(\.guild) == [guild] && again.first?.nonce != first)
        let late = chunks.received([ann, ben], of: guild, part: 0, of: 1, nonce: first)
        #expect(late.current.isEmpty && late.complete == nil)
        #expect(chunks.received([ann], of: guild, part: 0, of: 1, nonce: again.first?.nonce).complete == [ann])
        chunks.forgot(guild)
        #expect(chunks.requestedAgain().isEmpty)
    }
}
