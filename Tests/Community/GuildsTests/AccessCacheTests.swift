import Cache
import Core
import EventLoop
import Guilds
import Redis
import Store
import Testing
import TestSupport

struct AccessCacheTests {
    let ada = Community.ada.id
    let ben = Community.ben.id
    let tavern = Community.tavern

    @Test func `a session is read once and found by every process, until it ends anywhere`() async throws {
        let system = try await SharedSystem()
        let (one, other) = (system.process(), system.process())
        await one.warmUp()
        await other.warmUp()
        let started = try await one.sessions.start(for: ada, tokens: nil)
        let token = started.token.revealed
        for process in [one, other, one, other] {
            #expect(try await process.sessions.find(token: token) == started.session)
        }
        #expect(one.reads == 1 && other.reads == 0)
        try await other.sessions.end(started.session)
        for process in [one, other] { #expect(try await process.sessions.find(token: token) == nil) }
    }

    @Test func `a process that reads before a sign-out and caches after it keeps nobody signed in`() async throws {
        let system = try await SharedSystem()
        let (slow, other) = (system.process(), system.process())
        await slow.warmUp()
        await other.warmUp()
        let started = try await slow.sessions.start(for: ada, tokens: nil)
        // What the slow one keeps was read before the end, and lands after it.
        system.cache.beforeNextSet { try await other.sessions.end(started.session) }
        #expect(try await slow.sessions.find(token: started.token.revealed) == started.session)
        #expect(system.cache.count == 1, "the old answer is in the cache")
        for process in [other, slow] {
            process.cache.received([])
            #expect(try await process.sessions.find(token: started.token.revealed) == nil)
        }
    }

    @Test func `a process that receives no events notices within a second`() async throws {
        let system = try await SharedSystem()
        let process = system.process()
        await process.warmUp()
        let started = try await process.sessions.start(for: ada, tokens: nil)
        #expect(try await process.sessions.find(token: started.token.revealed) != nil)
        // Ended by a process that can't reach the cache.
        try await system.community.sessions.end(started.session)
        system.passes(.milliseconds(1))
        #expect(try await process.sessions.find(token: started.token.revealed) != nil, "this is the second of grace")
        system.passes(.milliseconds(999))
        #expect(try await process.sessions.find(token: started.token.revealed) == nil)
        // Nor does a process that starts afterwards believe what it finds.
        #expect(try await system.process().sessions.find(token: started.token.revealed) == nil)
    }

    @Test func `a process that can't read the log asks the database`() async throws {
        let system = try await SharedSystem()
        let process = system.process()
        await process.warmUp()
        let started = try await process.sessions.start(for: ada, tokens: nil)
        #expect(try await process.sessions.find(token: started.token.revealed) != nil)
        process.events.isAway = true
        system.passes(.milliseconds(600))
        let before = process.reads
        #expect(try await process.sessions.find(token: started.token.revealed) != nil)
        #expect(process.reads == before, "the last look is good for a second")
        system.passes(.milliseconds(500))
        #expect(try await process.sessions.find(token: started.token.revealed) != nil)
        try await system.community.sessions.end(started.session)
        #expect(try await process.sessions.find(token: started.token.revealed) == nil)
        #expect(process.reads == before + 2)
    }

    @Test func `among thousands of other events a second, only what concerns a user is asked again`() async throws {
        let system = try await SharedSystem()
        let (one, other) = (system.process(), system.process())
        await one.warmUp()
        await other.warmUp()
        let (stays, ends) = (
            try await one.sessions.start(for: ada, tokens: nil), try await one.sessions.start(for: ben, tokens: nil)
        )
        for started in [stays, ends] { #expect(try await one.sessions.find(token: started.token.revealed) != nil) }
        for second in 0..<3 {
            try await system.community.database.transaction { transaction in
                for number in 0..<5000 {
                    let topic = number.isMultiple(of: 3) ? "users/12" : "guild/\(number)"
                    try await transaction.append(EventDraft(topic: topic, kind: "noise", payload: "\(number)"))
                }
            }
            // By a process that can't reach the cache.
            if second == 1 { try await system.community.sessions.end(ends.session) }
            system.passes(.seconds(1))
            #expect(try await other.sessions.find(token: stays.token.revealed) != nil)
            #expect(try await other.sessions.find(token: ends.token.revealed) == (second == 0 ? ends.session : nil))
        }
        #expect(other.reads == 2, "both times about the session that has ended")
    }

    @Test func `a process that missed more events than it looks through uses nothing from before them`() async throws {
        let system = try await SharedSystem()
        let (one, other) = (system.process(), system.process())
        await one.warmUp()
        await other.warmUp()
        let started = try await one.sessions.start(for: ada, tokens: nil)
        #expect(try await one.sessions.find(token: started.token.revealed) != nil)
        try await system.community.database.transaction { transaction in
            for _ in 0...50_000 {
                try await transaction.append(EventDraft(topic: "guild/1", kind: "noise", payload: "{}"))
            }
        }
        system.passes(.seconds(1))
        #expect(try await other.sessions.find(token: started.token.revealed) != nil)
        #expect(other.reads == 1)
        #expect(try await other.sessions.find(token: started.token.revealed) != nil)
        #expect(other.reads == 1)
    }

    @Test func `a session is not kept longer than it lasts, and lasts on while it's used`() async throws {
        let system = try await SharedSystem()
        let process = system.process()
        await process.warmUp()
        let token = try await process.sessions.start(for: ada, tokens: nil).token.revealed
        for _ in 1...4 {
            #expect(try await process.sessions.find(token: token) != nil)
            system.passes(.seconds(6 * 86_400))
        }
        #expect(try await process.sessions.find(token: token) != nil)
        system.passes(.seconds(6 * 86_400 - 100))
        #expect(try await process.sessions.find(token: token) != nil)
        // The cache's clock stands: only the session's own end counts.
        system.community.advance(.seconds(101))
        #expect(try await process.sessions.find(token: token) == nil)
    }

    @Test func `memberships are read once, never beyond their confirmation, and lost at once`() async throws {
        let system = try await SharedSystem()
        try await system.community.install()
        _ = try await system.community.sessions.start(for: ben, tokens: nil)
        let (one, other) = (system.process(), system.process())
        await one.warmUp()
        await other.warmUp()
        system.community.advance(.seconds(100))
        #expect(try await one.policy.membership(of: ben, in: tavern) == .seconds(200))
        #expect(try await other.policy.membership(of: ben, in: tavern) == .seconds(200))
        #expect(try await other.policy.topics(of: "user/\(ben)").keys.sorted() == ["guild/\(tavern)", "user/\(ben)"])
        #expect(one.reads == 1 && other.reads == 0)
        system.community.advance(.seconds(199))
        #expect(try await other.policy.membership(of: ben, in: tavern) == .seconds(1))
        system.community.advance(.seconds(1))
        #expect(try await other.policy.membership(of: ben, in: tavern) == nil)
        try await system.community.directory.gatewayConfirmed(session: "s1", at: system.community.now)
        #expect(try await other.policy.membership(of: ben, in: tavern) == .seconds(300))
        try await one.directory.remove(ben, from: tavern)
        for process in [one, other] { #expect(try await process.policy.membership(of: ben, in: tavern) == nil) }
        try await one.directory.upsert(Member(guildID: tavern, user: Community.ben))
        for process in [one, other] { #expect(try await process.policy.membership(of: ben, in: tavern) != nil) }
    }

    @Test(arguments: ["uninstalled", "snapshot", "all members", "another answer"])
    func `whatever removes a membership is noticed`(_ way: String) async throws {
        let system = try await SharedSystem()
        let community = system.community
        try await community.install(complete: way != "another answer")
        _ = try await community.sessions.start(for: ben, tokens: nil)
        let process = system.process()
        await process.warmUp()
        #expect(try await process.policy.membership(of: ben, in: tavern) != nil)
        #expect(try await process.policy.membership(of: ben, in: tavern) != nil && process.reads == 1)
        // By a process that can't reach the cache.
        switch way {
        case "uninstalled": try await community.directory.uninstall(tavern)
        case "snapshot": try await community.install("s2", members: [Community.ada])
        case "all members": try await community.directory.completeMembers([ada], of: tavern)
        default: try await community.directory.record(memberships: [], of: ben)
        }
        process.cache.received([])
        #expect(try await process.policy.membership(of: ben, in: tavern) == nil)
    }

    @Test func `nothing is cached about users who aren't signed in, because not all their changes are published`()
        async throws
    {
        let system = try await SharedSystem()
        try await system.community.install()
        let process = system.process()
        await process.warmUp()
        for _ in 1...2 { #expect(try await process.policy.membership(of: ben, in: tavern) != nil) }
        #expect(process.reads == 2 && system.cache.count == 0)
        try await system.community.install("s2", members: [Community.ada])
        #expect(try await process.policy.membership(of: ben, in: tavern) == nil)
    }

    @Test func `streams ask the database`() async throws {
        let system = try await SharedSystem()
        try await system.community.install()
        let started = try await system.community.sessions.start(for: ben, tokens: nil)
        let process = system.process()
        await process.warmUp()
        #expect(try await process.policy.membership(of: ben, in: tavern) != nil)
        #expect(try await process.sessions.find(token: started.token.revealed) != nil)
        try await system.community.directory.remove(ben, from: tavern)
        try await system.community.sessions.end(started.session)
        #expect(try await process.policy.membership(of: ben, in: tavern) != nil, "this is the second of grace")
        #expect(try await process.policy.uncached.membership(of: ben, in: tavern) == nil)
        #expect(try await process.sessions.find(id: started.session.id) == nil)
    }

    @Test func `foreign entries count as absent and are logged once, and no token is in the cache`() async throws {
        let system = try await SharedSystem()
        let process = system.process()
        await process.warmUp()
        let tokens = DiscordTokens(access: "access-secret", refresh: "r", expiresAt: 5, scopes: [])
        let mine = try await process.sessions.start(for: ada, tokens: tokens)
        let other = try await process.sessions.start(for: ben, tokens: nil)
        for started in [mine, other] { _ = try await process.sessions.find(token: started.token.revealed) }
        let (keys, values) = system.cache.all
        #expect(keys.count == 2)
        for text in keys + values {
            for secret in [mine.token.revealed, "access-secret"] { #expect(!text.contains(secret)) }
        }
        // One's answer for the other's question, an answer signed by somebody else, and rubbish.
        let stranger = system.process(keyring: Keyring(Secret(String(repeating: "x", count: 32))))
        await stranger.warmUp()
        system.cache.swapValues()
        #expect(try await process.sessions.find(token: mine.token.revealed) == mine.session)
        #expect(try await process.sessions.find(token: other.token.revealed) == other.session)
        #expect(try await stranger.sessions.find(token: mine.token.revealed) == mine.session)
        #expect(try await process.sessions.find(token: mine.token.revealed) == mine.session)
        for rubbish in [[], [1], Array("{}".utf8), [UInt8](repeating: 0, count: 500)] {
            system.cache.replaceValues(by: rubbish)
            #expect(try await process.sessions.find(token: mine.token.revealed) == mine.session)
        }
        #expect(process.reads == 2 + 2 + 1 + 4)
        #expect(process.lines.count == 1)
    }

    @Test func `with Redis, nobody stays signed in, in whatever order readers and sign-outs come`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 2))
        func redis() async throws -> RedisCache {
            RedisCache(
                try await RedisConnection(try RedisConfiguration(url: server.url), loop: group.next(), log: .none))
        }
        let system = try await SharedSystem()
        let processes = [system.process(try await redis()), system.process(try await redis())]
        for process in processes { await process.warmUp() }
        for round in 0..<40 {
            let started = try await processes[round % 2].sessions.start(for: ada, tokens: nil)
            // Every other time the answer is there before they come.
            if round % 4 < 2 {
                for process in processes { _ = try await process.sessions.find(token: started.token.revealed) }
            }
            try await withThrowingTaskGroup { tasks in
                for index in 0..<12 {
                    tasks.addTask {
                        if index == round % 12 {
                            try await processes[(round / 2) % 2].sessions.end(started.session)
                        } else {
                            _ = try await processes[index % 2].sessions.find(token: started.token.revealed)
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            for process in processes {
                process.cache.received([])
                #expect(try await process.sessions.find(token: started.token.revealed) == nil)
            }
        }
        #expect(processes.allSatisfy { $0.hits > 0 })
        await group.shutdown()
    }

    @Test func `while Redis hangs or is unavailable the database answers, and what ended stays ended`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        var configuration = try RedisConfiguration(url: server.url)
        configuration.commandTimeout = .milliseconds(500)
        let redis = try await RedisConnection(configuration, loop: group.next(), log: .none)
        let system = try await SharedSystem()
        try await system.community.install()
        let process = system.process(RedisCache(redis))
        await process.warmUp()
        let started = try await process.sessions.start(for: ben, tokens: nil)
        func asks() async throws {
            #expect(try await process.sessions.find(token: started.token.revealed) == started.session)
            #expect(try await process.policy.membership(of: ben, in: tavern) != nil)
        }
        try await asks()
        try await asks()
        #expect(process.hits == 2)
        server.freeze()
        for _ in 0..<20 { try await asks() }
        #expect(process.hits == 2)
        // Taken away while nobody could forget it.
        try await system.community.directory.remove(ben, from: tavern)
        try await process.sessions.end(started.session)
        server.thaw()
        try await eventually("the connection") { redis.isConnected }
        #expect(try server.command("KEYS", "*").contains("session:"), "the old answers are there")
        process.cache.received([])
        #expect(try await process.sessions.find(token: started.token.revealed) == nil)
        #expect(try await process.policy.membership(of: ben, in: tavern) == nil)
        server.kill()
        try await eventually("the loss") { !redis.isConnected }
        let again = try await process.sessions.start(for: ada, tokens: nil)
        #expect(try await process.sessions.find(token: again.token.revealed) == again.session)
        await redis.close()
        await group.shutdown()
    }
}
