import Core
import Guilds
import Store
import Testing
import TestSupport

struct SessionTests {
    let tokens = DiscordTokens(access: "access-secret", refresh: "refresh-secret", expiresAt: 5, scopes: ["identify"])

    @Test func `a token opens its session; anything else opens nothing`() async throws {
        let community = try await Community()
        let started = try await community.sessions.start(for: Community.ada.id, tokens: nil)
        let other = try await community.sessions.start(for: Community.ada.id, tokens: nil)
        #expect(started.token.revealed.utf8.count == 43)
        #expect(started.token != other.token && started.session.id != other.session.id)
        #expect(try await community.sessions.find(token: started.token.revealed) == started.session)
        #expect(try await community.sessions.find(id: started.session.id) == started.session)
        for text in ["", "x", started.session.id, started.token.revealed + "A", String(repeating: "A", count: 43)] {
            #expect(try await community.sessions.find(token: text) == nil)
        }
    }

    @Test func `the database holds neither the token nor Discord's tokens`() async throws {
        let community = try await Community()
        let started = try await community.sessions.start(for: Community.ada.id, tokens: tokens)
        let rows = try await community.database.read { try await $0.query("SELECT * FROM sessions") }
        let dump = "\(rows)"
        for secret in [started.token.revealed, "access-secret", "refresh-secret"] { #expect(!dump.contains(secret)) }
        #expect("\(tokens)" == "(redacted)" && "\(started)".contains("redacted"))
        #expect(try await community.sessions.tokens(of: started.session) == tokens)
    }

    @Test func `sealed tokens open neither with another key nor for another session`() async throws {
        let community = try await Community()
        let one = try await community.sessions.start(for: Community.ada.id, tokens: tokens)
        let two = try await community.sessions.start(for: Community.ben.id, tokens: tokens)
        let stranger = Sessions(
            database: community.database, keyring: Keyring(Secret(String(repeating: "x", count: 32))))
        #expect(try await stranger.tokens(of: one.session) == nil)
        try await community.database.transaction { transaction in
            _ = try await transaction.execute(
                "UPDATE sessions SET discord_tokens = (SELECT discord_tokens FROM sessions WHERE id = $1) WHERE id = $2",
                [.text(one.session.id), .text(two.session.id)])
        }
        #expect(try await community.sessions.tokens(of: two.session) == nil)
        #expect(try await community.sessions.tokens(of: one.session) == tokens)
    }

    @Test func `a session ends seven days after its last use and thirty after its start`() async throws {
        let community = try await Community()
        let token = try await community.sessions.start(for: Community.ada.id, tokens: nil).token.revealed
        for _ in 1...4 {
            community.advance(.seconds(6 * 86_400))
            #expect(try await community.sessions.find(token: token) != nil)
        }
        community.advance(.seconds(6 * 86_400 - 1))
        #expect(try await community.sessions.find(token: token) != nil)
        community.advance(.seconds(1))
        #expect(try await community.sessions.find(token: token) == nil, "thirty days")
        let idle = try await community.sessions.start(for: Community.ada.id, tokens: nil).token.revealed
        community.advance(.seconds(7 * 86_400))
        #expect(try await community.sessions.find(token: idle) == nil)
    }

    @Test func `signing out ends the session and publishes its end once`() async throws {
        let community = try await Community()
        let started = try await community.sessions.start(for: Community.ada.id, tokens: nil)
        let other = try await community.sessions.start(for: Community.ada.id, tokens: nil)
        for _ in 1...2 { try await community.sessions.end(started.session) }
        let payload = #"{"principal":"user/11","session":"\#(started.session.id)"}"#
        #expect(try await community.events() == ["session.ended user/11 \(payload)"])
        #expect(try await community.sessions.find(token: started.token.revealed) == nil)
        #expect(try await community.sessions.find(token: other.token.revealed) != nil)
        try await community.sessions.endAll(of: Community.ada.id)
        #expect(try await community.sessions.find(token: other.token.revealed) == nil)
        #expect(try await community.events().count == 1)
    }

    @Test func `of too many sessions the one ends that was used longest ago`() async throws {
        let community = try await Community()
        let sessions = Sessions(
            database: community.database, keyring: Keyring(Secret(String(repeating: "k", count: 32))), perPerson: 2,
            time: community.time.source)
        func begin(_ user: User = Community.ada) async throws -> StartedSession {
            community.advance(.seconds(2 * 3600))
            return try await sessions.start(for: user.id, tokens: nil, browser: "Firefox on Linux")
        }
        let (first, second, other) = (try await begin(), try await begin(), try await begin(Community.ben))
        _ = try await community.events()
        community.advance(.seconds(2 * 3600))
        #expect(try await sessions.find(token: first.token.revealed) != nil)
        let third = try await begin()
        #expect(try await community.events().map { $0.contains(second.session.id) } == [true])
        #expect(try await sessions.find(token: second.token.revealed) == nil)
        for kept in [first, third, other] { #expect(try await sessions.find(token: kept.token.revealed) != nil) }
        let told = try await sessions.all(of: Community.ada.id)
        #expect(told.map(\.id) == [third.session.id, first.session.id])
        #expect(told.map(\.browser) == ["Firefox on Linux", "Firefox on Linux"])
        #expect(told[1].usedAt > told[1].startedAt && told[0].usedAt == told[0].startedAt)
    }

    @Test func `new tokens replace old ones and can be removed`() async throws {
        let community = try await Community()
        let started = try await community.sessions.start(for: Community.ada.id, tokens: tokens)
        var newer = tokens
        newer.access = "newer"
        try await community.sessions.keep(newer, of: started.session)
        #expect(try await community.sessions.tokens(of: Community.ada.id)?.tokens == newer)
        try await community.sessions.keep(nil, of: started.session)
        #expect(try await community.sessions.tokens(of: Community.ada.id) == nil)
    }

    @Test func `a sign-in is used once`() async throws {
        let community = try await Community()
        #expect(try await community.sessions.use(signIn: "state", until: community.now + 1000))
        #expect(try await !community.sessions.use(signIn: "state", until: community.now + 1000))
        #expect(try await community.sessions.use(signIn: "other", until: community.now + 1000))
    }

    @Test func `used sign-ins are forgotten when their time is long over, though nobody signs in`() async throws {
        let community = try await Community()
        func kept() async throws -> Int {
            try await community.database.read { try await $0.query("SELECT * FROM used_sign_ins") }.count
        }
        for number in 1...20 {
            #expect(try await community.sessions.use(signIn: "\(number)", until: community.now + 600_000))
        }
        community.advance(.seconds(899))
        #expect(try await community.sessions.use(signIn: "early", until: community.now + 600_000))
        #expect(try await kept() == 21, "a process whose clock is behind would accept them")
        community.advance(.seconds(1))
        #expect(try await community.sessions.use(signIn: "late", until: community.now + 600_000))
        #expect(try await kept() == 2)
    }

    @Test func `sessions that are used at the same time are all extended, and those that ended are not`() async throws {
        let community = try await Community()
        var started: [StartedSession] = []
        for number in 0..<300 {
            started.append(try await community.sessions.start(for: UserID(Int64(1000 + number)), tokens: nil))
        }
        community.advance(.seconds(2 * 3600))
        try await community.sessions.end(started[7].session)
        let tokens = started.map(\.token.revealed)
        let found = try await withThrowingTaskGroup(of: (Int, Session?).self) { group in
            for (index, token) in (tokens + tokens).enumerated() {
                group.addTask { (index % tokens.count, try await community.sessions.find(token: token)) }
            }
            return try await group.reduce(into: [Int: [Session?]]()) { $0[$1.0, default: []].append($1.1) }
        }
        let expiry = community.now + 7 * 86_400_000
        for (index, sessions) in found {
            let expected: [Int64?] = index == 7 ? [nil, nil] : [expiry, expiry]
            #expect(sessions.map { $0?.expiresAt } == expected)
        }
        let stored = try await community.database.read {
            try await $0.query("SELECT COUNT(*) AS n FROM sessions WHERE expires_at = $1", [.integer(expiry)])
        }
        #expect(try stored[0]["n", as: Int.self] == 299)
    }
}
