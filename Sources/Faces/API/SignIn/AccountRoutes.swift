import Core
import DiscordCommunity
import Guilds
import Web
import Wire

extension WebAPI {
    func registerAccount(on members: inout RouteGroup) {
        members.get("/auth/user") { request in
            guard let user = try await directory.user(request.user) else { throw Self.notSignedIn }
            let guilds = try await directory.guilds(of: user.id).map(GuildBody.init)
            return try .json(AccountBody(user: UserBody(user), guilds: guilds))
        }
        members.post("/auth/refresh") { request in
            try await Self.limit(request, refreshes)
            do {
                try await accounts.refreshMemberships(of: request.session)
            } catch is SignInRefused {
                throw Self.notSignedIn
            } catch let error as DiscordUnavailable {
                log.warning("memberships not refreshed", ["user": "\(request.user)", "error": "\(error)"])
                throw HTTPError(
                    503, error.code, error.message, headers: ["retry-after": "15"])
            }
            return .noContent
        }
    }
}

private struct AccountBody: Encodable {
    let user: UserBody
    let guilds: [GuildBody]
}

private struct UserBody: Encodable {
    let id: UserID
    let username: String
    let displayName: String
    @OrNull var avatarUrl: String?

    init(_ user: User) {
        id = user.id
        username = user.username
        displayName = user.displayName
        avatarUrl = user.avatarURL
    }
}
