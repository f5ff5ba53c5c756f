package import Core
package import Discord
package import Guilds
import Synchronization

/// Members as Discord reports them to the bot, for when the gateway is silent.
///
/// All members of a guild share one of Discord's rate limits, so few can be asked for: this uses a small part of the bot's
/// limit, with a limiter of its own, and a question that would have to wait long fails instead.
package final class DiscordMembers: MemberSource {
    /// Limits of this process: questions in a second, and at a time.
    static let perSecond = 10
    static let atATime = 64

    private let rest: RESTClient
    private let time: TimeSource
    private let timeout: Duration
    private let inFlight = Atomic(0)

    /// `nil` without a token: this process can't ask.
    ///
    /// - Parameters:
    ///   - budget: what all processes may send with the token together.
    ///   - timeout: how long to wait for an answer, Discord's rate limits included.
    package init?(
        token: Secret, baseURL: String, transport: any HTTPTransport = URLSessionTransport(),
        budget: (any RequestBudget)? = nil, time: TimeSource = .system, timeout: Duration = .seconds(5),
        log: Log = .none
    ) {
        guard !token.revealed.isEmpty else { return nil }
        var configuration = RESTClient.Configuration(baseURL: baseURL, token: token)
        configuration.limits.globalPerSecond = Self.perSecond
        configuration.limits.tries = 2
        rest = RESTClient(configuration, transport: transport, budget: budget, time: time, log: log)
        self.time = time
        self.timeout = timeout
    }

    /// - Throws: `DiscordError`, also when too many questions are in flight or the answer takes longer than the timeout.
    package func member(_ user: UserID, of guild: GuildID) async throws -> Guilds.Member? {
        defer { inFlight.subtract(1, ordering: .relaxed) }
        guard inFlight.add(1, ordering: .relaxed).newValue <= Self.atATime else {
            throw DiscordError(.overloaded, "Too many members are asked for already.")
        }
        do {
            let answer = try await time.withTimeout(timeout) { [rest] in
                try await rest.member(Snowflake(user), of: Snowflake(guild))
            }
            guard let member = Guilds.Member(answer, guild: guild), member.user.id == user else {
                throw DiscordError(.unreadable("user"), "Discord answered about another user.")
            }
            return member
        } catch let error as DiscordError
            where error.discordCode == .unknownMember || error.discordCode == .unknownUser
        {
            return nil
        } catch is TimedOut {
            throw DiscordError(.unreachable("no answer in time"), "Discord took too long.")
        }
    }
}
