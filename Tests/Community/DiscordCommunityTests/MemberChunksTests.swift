import DiscordCommunity
import Guilds
import Testing

struct MemberChunksTests {
    @Test func `a list is complete when all chunks are there, and follows who joins and leaves`() {
        var chunks = MemberChunks()
        let guild = GuildID(7)
        func user(_ number: Int64) -> UserID { UserID(number) }
        chunks.want(guild)
        let nonce = chunks.due().first?.nonce
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

    @Test func `a chunk of a superseded request adds nobody`() {
        var chunks = MemberChunks()
        let (guild, ann, ben) = (GuildID(7), UserID(1), UserID(2))
        chunks.want(guild)
        let first = chunks.due().first?.nonce
        chunks.left(ben, guild)
        let again = chunks.requestedAgain()
        #expect(again.map(\.guild) == [guild] && again.first?.nonce != first)
        let late = chunks.received([ann, ben], of: guild, part: 0, of: 1, nonce: first)
        #expect(late.current.isEmpty && late.complete == nil)
        #expect(chunks.received([ann], of: guild, part: 0, of: 1, nonce: again.first?.nonce).complete == [ann])
        chunks.forgot(guild)
        #expect(chunks.requestedAgain().isEmpty)
    }

    @Test func `a limited number of lists is requested at a time, each guild's once`() {
        var chunks = MemberChunks(width: 2)
        let guilds = (1...5).map { GuildID($0) }
        for guild in guilds + guilds { chunks.want(guild) }
        let first = chunks.due()
        #expect(first.map(\.guild) == [guilds[0], guilds[1]])
        #expect(chunks.due().isEmpty)
        #expect(chunks.requestedAgain().map(\.guild) == [guilds[0], guilds[1]], "the others were never sent")
        chunks.forgot(guilds[0])
        // The bot leaves a guild whose turn has not come.
        chunks.forgot(guilds[2])
        #expect(chunks.due().map(\.guild) == [guilds[3]])
        chunks.forgot(guilds[1])
        chunks.forgot(guilds[3])
        #expect(chunks.due().map(\.guild) == [guilds[4]])
    }

    @Test func `a request that stays unanswered is made again`() {
        var chunks = MemberChunks()
        chunks.want(GuildID(1))
        let first = chunks.due()
        for _ in 1..<10 { #expect(chunks.heartbeat().isEmpty) }
        let again = chunks.heartbeat()
        #expect(again.map(\.guild) == [GuildID(1)] && again[0].nonce != first[0].nonce)
        #expect(chunks.heartbeat().isEmpty)
    }
}
