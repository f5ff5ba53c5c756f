package import Core
package import Discord
package import Guilds
import Synchronization

/// Members as Discord tells the bot when it asks, for when the gateway is silent.
///
/// All members of a guild share one of Discord's limits, so little can be asked: this has a small part of what the bot may
/// ask in all, for itself, and who would have to wait long is not answered.
package final class DiscordMembers: MemberSource {
    /// Questions of this process: a second, and at a time.
    static let perSecond = 10
    static let atATime = 64

    private let rest: RESTClient
    private let timeline: Timeline
    private let patience: Duration
    private let underWay = Atomic(0)

    /// `nil` without a token: this process can't ask.
    ///
    /// - Parameter patience: how long an answer is waited for, Discord's limits included.
    package init?(
        token: Secret, baseURL: String, transport: any HTTPTransport = URLSessionTransport(),
        timeline: Timeline = .continuous, patience: Duration = .seconds(5), log: Log = .none
    ) {
        guard !token.revealed.isEmpty else { return nil }
        var configuration = RESTClient.Configuration(baseURL: baseURL, token: token)
        configuration.limits.globalPerSecond = Self.perSecond
        configuration.limits.tries = 2
        rest = RESTClient(configuration, transport: transport, timeline: timeline, log: log)
        self.timeline = timeline
        self.patience = patience
    }

    package func member(_ user: UserID, of guild: GuildID) async throws -> Guilds.Member? {
        defer { underWay.subtract(1, ordering: .relaxed) }
        guard underWay.add(1, ordering: .relaxed).newValue <= Self.atATime else {
            throw DiscordError(.overloaded, "Too many members are asked for already.")
        }
        do {
            let answer = try await inTime { [rest] in try await rest.member(Snowflake(user), of: Snowflake(guild)) }
            guard let member = Guilds.Member(answer, guild: guild), member.user.id == user else {
                throw DiscordError(.unreadable("user"), "Discord answered about somebody else.")
            }
            return member
        } catch let error as DiscordError
            where error.discordCode == .unknownMember || error.discordCode == .unknownUser
        {
            return nil
        }
    }

    private func inTime<Result: Sendable>(
        _ question: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await question() }
            group.addTask { [timeline, patience] in
                try await timeline.sleep(until: timeline.now + patience)
                throw DiscordError(.unreachable("no answer in time"), "Discord took too long.")
            }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
