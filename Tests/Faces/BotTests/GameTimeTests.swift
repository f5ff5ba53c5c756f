import Bot
import Testing

struct GameTimeTests {
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
    func `times are read as users write them`(text: String, seconds: Int64) {
        #expect(GameTime.parse(text, now: now) == seconds * 1000)
    }

    @Test(arguments: [
        "", "soon", "18:30", "2027-02-29 18:30", "2027-03-01 25:00", "2027-03-01", "in", "in two hours", "in 5",
        "in -5 minutes", "in 999999 days", "<t:>", "<t:1:F:G>", "<t:abc>", "today", "today 8", "tomorrow 20:00 CET",
        "2027-03-01 18:30 +99:00", "2027-03-01 18:30 +02:00 extra", "in 0 minutes", "１２:00",
    ])
    func `an unclear time is not guessed`(text: String) {
        #expect(GameTime.parse(text, now: now) == nil)
    }
}
