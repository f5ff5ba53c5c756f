import API
import FoundationEssentials
import Scheduler
import Testing
import Web
import Wire

struct ValidationTests {
    @Test func `whatever is read can be asked for again by its tag`() async throws {
        let site = try await Site()
        let (ada, game) = (try await site.cookie(Site.ada), try await site.game())
        let guild = "/api/v1/guilds/\(Site.tavern)"
        for target in [
            "/api/v1/games", "/api/v1/games/\(game.id)", "/api/v1/guilds", guild, guild + "/channels", guild + "/roles",
            "/api/v1/auth/user",
        ] {
            let first = await site.send("GET", target, cookie: ada)
            let tag = try #require(first.headers["etag"], "\(target)")
            #expect(first.status == 200 && first.headers["cache-control"] == "private, no-cache")
            #expect(first.headers["vary"] == "Cookie")
            _ = try JSONDecoder().decode(JSONObject.self, from: Data(first.text.utf8))
            for known in [tag, "W/" + tag, #""other", "# + tag, "*"] {
                let again = await site.send("GET", target, cookie: ada, headers: ["if-none-match": known])
                #expect(again.status == 304 && again.bytes.isEmpty, "\(target) \(known)")
                #expect(again.headers["etag"] == tag && again.headers["vary"] == "Cookie")
                #expect(again.headers["cache-control"] == "private, no-cache" && again.headers["content-type"] == nil)
            }
            let other = await site.send("GET", target, cookie: ada, headers: ["if-none-match": #""other""#])
            #expect(other.status == 200 && other.text == first.text)
            let head = await site.send("HEAD", target, cookie: ada, headers: ["if-none-match": tag])
            #expect(head.status == 304 && head.headers["etag"] == tag)
            // A tag opens nothing for those who may not read.
            let stranger = await site.send("GET", target, headers: ["if-none-match": "*"])
            #expect(stranger.status == 401 && stranger.headers["etag"] == nil)
            #expect(stranger.headers["cache-control"] == "no-store")
        }
    }

    @Test func `a change changes the tag, and what isn't read has none`() async throws {
        let site = try await Site()
        let (ada, ben, game) = (
            try await site.cookie(Site.ada), try await site.cookie(Site.ben), try await site.game()
        )
        let target = "/api/v1/games/\(game.id)"
        let before = await site.send("GET", target, cookie: ada)
        let tag = try #require(before.headers["etag"])
        #expect(await site.send("GET", target, cookie: ben).headers["etag"] == tag, "the same for everybody")
        let joined = await site.send("POST", target + "/join", cookie: ben, headers: ["if-none-match": "*"])
        #expect(joined.status == 200 && joined.headers["etag"] == nil && joined.headers["cache-control"] == "no-store")
        let after = await site.send("GET", target, cookie: ada, headers: ["if-none-match": tag])
        #expect(after.status == 200 && after.headers["etag"] != tag)
        let missing = await site.send("GET", "/api/v1/games/nonsense", cookie: ada, headers: ["if-none-match": "*"])
        #expect(missing.status == 404 && missing.headers["cache-control"] == "no-store")
        let description = await site.send("GET", "/api/v1/openapi.json")
        #expect(description.headers["cache-control"] == "public, max-age=300" && description.headers["vary"] == nil)
    }

    private struct JSONObject: Decodable {}
}
