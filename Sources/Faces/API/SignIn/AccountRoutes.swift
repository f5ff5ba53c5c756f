import Core
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
                let memberships = try await accounts.memberships(through: request.session)
                try await directory.record(memberships: memberships, of: request.user)
            } catch is SignInRefused {
                try await sessions.end(request.session)
                throw Self.notSignedIn
            } catch let error where Answers.isDiscords(error) {
                log.warning("memberships not refreshed", ["user": "\(request.user)", "error": "\(error)"])
                throw HTTPError(
                    503, "discord_unavailable", "Discord can't be reached just now. Try again in a moment.",
                    headers: ["retry-after": "15"])
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
