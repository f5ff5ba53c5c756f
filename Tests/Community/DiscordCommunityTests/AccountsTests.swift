import Core
import DiscordCommunity
import Guilds
import Store
import Synchronization
import Testing
import TestSupport

/// A provider whose answers a test gives.
private struct ScriptedProvider: SignInProvider {
    var onRefresh: @Sendable (DiscordTokens) async throws -> DiscordTokens = { _ in throw SignInRefused() }
    var onMemberships: @Sendable (DiscordTokens) async throws -> [ReportedMembership] = { _ in [] }
    var onRevoke: @Sendable (DiscordTokens) -> Void = { _ in }

    func authorizationURL(state: String, verifier: Secret) -> String { "https://discord.test/authorize?state=\(state)" }
    func exchange(code: String, verifier: Secret) async throws -> DiscordTokens { throw SignInRefused() }
    func refresh(_ tokens: DiscordTokens) async throws -> DiscordTokens { try await onRefresh(tokens) }
    func account(_ tokens: DiscordTokens) async throws -> User { throw SignInRefused() }
    func memberships(_ tokens: DiscordTokens) async throws -> [ReportedMembership] { try await onMemberships(tokens) }
    func revoke(_ tokens: DiscordTokens) async throws { onRevoke(tokens) }
}

struct AccountsTests {
    private struct Unreachable: Error {}

    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let sessions: Sessions
    private let ada = UserID(11)
    private let membership = ReportedMembership(
        guildID: GuildID(5), name: "New", iconHash: nil, isOwner: true, permissions: .all)

    init() async throws {
        folder = try TemporaryFolder()
        database = try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("test.db")))
        try await database.migrate([GuildSchema.migrations])
        sessions = Sessions(database: database, keyring: Keyring(Secret(String(repeating: "k", count: 32))))
    }

    private func accounts(_ provider: ScriptedProvider) -> Accounts {
        Accounts(provider: provider, directory: GuildDirectory(database: database), sessions: sessions)
    }

    private func tokens(_ access: String, expired: Bool = false) -> DiscordTokens {
        DiscordTokens(access: access, refresh: "refresh-\(access)", expiresAt: expired ? 0 : .max, scopes: ["identify"])
    }

    @Test func `tokens that another request has just renewed sign nobody out`() async throws {
        let old = tokens("old", expired: true)
        let session = try await sessions.start(for: ada, tokens: old).session
        let fresh = tokens("fresh")
        var provider = ScriptedProvider()
        provider.onRefresh = { [sessions] _ in
            // The other request comes first.
            try await sessions.keep(fresh, of: session)
            throw SignInRefused()
        }
        provider.onMemberships = { [membership] in
            guard $0 == fresh else { throw SignInRefused() }
            return [membership]
        }
        #expect(try await accounts(provider).memberships(of: ada) == [membership])
        #expect(try await sessions.tokens(of: session) == fresh)
    }

    @Test func `refused tokens are forgotten, and those of the next session are tried`() async throws {
        for access in ["good", "bad"] { _ = try await sessions.start(for: ada, tokens: tokens(access)) }
        var provider = ScriptedProvider()
        provider.onMemberships = { [membership] in
            guard $0.access == "good" else { throw SignInRefused() }
            return [membership]
        }
        #expect(try await accounts(provider).memberships(of: ada) == [membership])
        provider.onMemberships = { _ in throw SignInRefused() }
        #expect(try await accounts(provider).memberships(of: ada) == nil)
        #expect(try await accounts(provider).mayAsk(about: ada) == false)
    }

    @Test func `a Discord that can't be asked leaves session and tokens as they are`() async throws {
        let session = try await sessions.start(for: ada, tokens: tokens("a")).session
        var provider = ScriptedProvider()
        provider.onMemberships = { _ in throw Unreachable() }
        await #expect(throws: DiscordUnavailable.self) { try await accounts(provider).refreshMemberships(of: session) }
        await #expect(throws: DiscordUnavailable.self) { _ = try await accounts(provider).memberships(of: ada) }
        #expect(try await sessions.tokens(of: session) == tokens("a"))
    }

    @Test func `a session whose tokens are refused ends when its memberships are refreshed`() async throws {
        let session = try await sessions.start(for: ada, tokens: tokens("a")).session
        var provider = ScriptedProvider()
        provider.onMemberships = { _ in throw SignInRefused() }
        await #expect(throws: SignInRefused.self) { try await accounts(provider).refreshMemberships(of: session) }
        #expect(try await sessions.find(id: session.id) == nil)
    }

    @Test func `tokens are revoked with the user's last session`() async throws {
        let revoked = Mutex<[String]>([])
        let first = try await sessions.start(for: ada, tokens: tokens("first")).session
        let second = try await sessions.start(for: ada, tokens: tokens("second")).session
        var provider = ScriptedProvider()
        provider.onRevoke = { tokens in revoked.withLock { $0.append(tokens.access) } }
        try await accounts(provider).signOut(first)
        #expect(revoked.withLock { $0 }.isEmpty)
        try await accounts(provider).signOut(second)
        #expect(revoked.withLock { $0 } == ["second"])
    }
}
