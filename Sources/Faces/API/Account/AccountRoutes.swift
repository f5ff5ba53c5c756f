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
            return .json(writing: AccountBody(user: user, guilds: guilds))
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

private struct AccountBody: JSONWritable {
    let user: User
    let guilds: [GuildBody]

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("guilds", guilds)
            writer.name("user")
            writer.object { writer in
                writer.member("avatar_url", user.avatarURL)
                writer.member("display_name", user.displayName)
                writer.member("id", user.id.description)
                writer.member("username", user.username)
            }
        }
    }
}
