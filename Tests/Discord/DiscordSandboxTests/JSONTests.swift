import DiscordSandbox
import Testing

struct JSONTests {
    @Test(arguments: [
        "null", "true", "[1,2.5,\"x\"]", "{\"a\":{\"b\":[]},\"c\":\"\\\"\\\\\\n\"}", "18446744073709551615", "-7",
        "\"🎲 größer\"",
    ])
    func `what was read is written the same`(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(try JSON(parsing: json.text) == json)
    }

    @Test func `identifiers may be strings or integers`() throws {
        let json = try JSON(parsing: "{\"a\":300000000000000001,\"b\":\"300000000000000001\"}")
        #expect(json["a"]?.snowflake == Seed.Lantern.guild)
        #expect(json["b"]?.snowflake == Seed.Lantern.guild)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "01", "1.", "\"\\u12\"", "\"\\ud800\"", "nul", "[1] 2", "\"a\nb\"", "1e999",
        String(repeating: "[", count: 100_000),
    ])
    func `malformed text is refused`(text: String) {
        #expect(throws: JSON.ParsingError.self) { try JSON(parsing: text) }
    }

    @Test func `escapes and surrogate pairs are read`() throws {
        #expect(try JSON(parsing: "\"\\ud83c\\udfb2\\u00e9\\t\"") == "🎲é\t")
    }
}
