import Guilds
import Store
import Testing

/// What the rows hold about one member of one guild. Times are ages in milliseconds.
struct ReportedState: Sendable {
    static let fresh: Int64 = 299_999
    static let expired: Int64 = 300_000

    var isInstalled = true
    var allMembersReported = true
    var isFromGateway = true
    var membership = expired
    var roles = expired
    /// The last sign of life of the session before.
    var guild = expired
    /// That of the session that vouches; `nil` if there is none.
    var session: Int64? = expired

    func insert(_ number: Int64, at now: Int64, _ transaction: any Transaction) async throws {
        try await transaction.execute(
            """
            INSERT INTO guilds (id, name, is_installed, gateway_session, members_complete, confirmed_at)
            VALUES ($1, 'guild', $2, $3, $4, $5)
            """,
            [
                .integer(number), .integer(isInstalled ? 1 : 0), Value(session.map { _ in "session\(number)" }),
                .integer(allMembersReported ? 1 : 0), .integer(now - guild),
            ])
        try await transaction.execute(
            """
            INSERT INTO members (guild_id, user_id, roles, from_gateway, last_confirmed, roles_confirmed)
            VALUES ($1, 1, '', $2, $3, $4)
            """,
            [.integer(number), .integer(isFromGateway ? 1 : 0), .integer(now - membership), .integer(now - roles)])
        guard let session else { return }
        try await transaction.execute(
            "INSERT INTO gateway_sessions (shard, session, bot_user_id, confirmed_at) VALUES ($1, $2, 900, $3)",
            [.integer(number), .text("session\(number)"), .integer(now - session)])
    }
}

/// What follows from a state.
struct Verdict: Hashable, Sendable {
    var isVouchedFor = false
    var membershipIsCertain = false
    var rolesAreCertain = false
}

struct CertaintyTests {
    typealias State = ReportedState

    /// What both forms of the rule say of every guild, by its number.
    func verdicts(_ community: Community) async throws -> [Int64: (asTimes: Verdict, asConditions: Verdict)] {
        let now = community.now
        @Sendable func flag(_ condition: String) -> String { "CASE WHEN \(condition) THEN 1 ELSE 0 END" }
        let rows = try await community.database.read { reading in
            try await reading.query(
                """
                SELECT g.id AS id, \(Certainty.memberColumns), \(Certainty.guildColumns),
                    \(flag(Certainty.isVouchedFor("$1"))) AS vouched,
                    \(flag(Certainty.membershipIsCertain("$1"))) AS membership_certain,
                    \(flag(Certainty.rolesAreCertain("$1"))) AS roles_certain
                FROM \(Certainty.memberTables)
                """, [Certainty.parameter(at: now)])
        }
        var verdicts: [Int64: (asTimes: Verdict, asConditions: Verdict)] = [:]
        for row in rows {
            let certainty = try Certainty(member: row, guild: row)
            verdicts[try row["id", as: Int64.self]] = (
                Verdict(
                    isVouchedFor: certainty.vouchedUntil > now, membershipIsCertain: certainty.membershipUntil > now,
                    rolesAreCertain: certainty.rolesUntil > now),
                Verdict(
                    isVouchedFor: try row["vouched", as: Bool.self],
                    membershipIsCertain: try row["membership_certain", as: Bool.self],
                    rolesAreCertain: try row["roles_certain", as: Bool.self])
            )
        }
        return verdicts
    }

    @Test(
        arguments: [
            (
                "all confirmed 299.999 s ago", State(membership: State.fresh, roles: State.fresh, session: State.fresh),
                [true, true, true]
            ),
            ("all confirmed 300 s ago", State(), [false, false, false]),
            ("only the session lives", State(session: State.fresh), [true, true, true]),
            ("only the session before lived", State(guild: State.fresh, session: nil), [true, true, true]),
            ("no session ever", State(session: nil), [false, false, false]),
            (
                "a session that is still reporting members", State(allMembersReported: false, session: State.fresh),
                [false, false, false]
            ),
            (
                "a guild without the bot", State(isInstalled: false, guild: State.fresh, session: State.fresh),
                [false, false, false]
            ),
            (
                "a sign-in where the gateway vouches", State(isFromGateway: false, session: State.fresh),
                [true, false, false]
            ),
            ("a recent sign-in", State(isFromGateway: false, membership: State.fresh), [false, true, false]),
            (
                "roles that a sign-in can't report", State(isFromGateway: false, roles: State.fresh),
                [false, false, false]
            ),
            (
                "a member whom the bot asked for",
                State(allMembersReported: false, membership: State.fresh, roles: State.fresh), [false, true, true]
            ),
            ("a sign-in after that", State(membership: State.fresh), [false, true, false]),
            ("roles confirmed after the membership", State(roles: State.fresh), [false, false, true]),
        ] as [(String, ReportedState, [Bool])])
    func `both forms of the rule say what follows`(_ name: String, _ state: ReportedState, _ expected: [Bool])
        async throws
    {
        let community = try await Community()
        let now = community.now
        try await community.database.transaction { try await state.insert(1, at: now, $0) }
        let verdict = try #require(try await verdicts(community)[1])
        let follows = Verdict(
            isVouchedFor: expected[0], membershipIsCertain: expected[1], rolesAreCertain: expected[2])
        #expect(verdict.asTimes == follows)
        #expect(verdict.asConditions == follows)
    }

    @Test func `both forms of the rule agree on every combination`() async throws {
        let ages = [State.fresh, State.expired, State.expired + 1]
        var states = [State()]
        func vary<Field>(_ path: WritableKeyPath<State, Field>, _ values: [Field]) {
            states = states.flatMap { state in
                values.map { value in
                    var state = state
                    state[keyPath: path] = value
                    return state
                }
            }
        }
        for path in [\State.isInstalled, \.allMembersReported, \.isFromGateway] { vary(path, [true, false]) }
        for path in [\State.membership, \.roles, \.guild] { vary(path, ages) }
        vary(\.session, [nil] + ages)
        let community = try await Community()
        let now = community.now
        try await community.database.transaction { [states] transaction in
            for (index, state) in states.enumerated() { try await state.insert(Int64(index + 1), at: now, transaction) }
        }
        let verdicts = try await verdicts(community)
        #expect(verdicts.count == states.count)
        for (number, verdict) in verdicts {
            #expect(verdict.asTimes == verdict.asConditions, "\(states[Int(number) - 1])")
        }
        #expect(Set(verdicts.values.map(\.asTimes)).count == 7)
    }
}
