import DiscordCommunity
import Guilds
import Testing

struct MemberChunksTests {
    @Test func `a list is complete when all chunks are there, and follows who joins and leaves`() {
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

    @Test func `a chunk of a superseded request adds nobody`() {
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
