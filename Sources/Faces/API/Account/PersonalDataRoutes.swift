import Core
import DiscordCommunity
import Guilds
import Scheduler
import Web
import Wire

extension WebAPI {
    /// What is kept of a user: to have, and to have deleted.
    func registerPersonalData(on members: inout RouteGroup) {
        members.get("/account/data") { request in
            try await Self.limit(request, refreshes)
            let user = request.user
            return .json(
                writing: PersonalData(
                    account: try await directory.user(user), memberships: try await directory.memberships(of: user),
                    sessions: try await sessions.all(of: user), games: try await games.personalData(of: user))
            )
            .setting("content-disposition", #"attachment; filename="tandem-data.json""#)
            .setting("cache-control", "no-store")
        }
        members.delete("/account/data") { request in
            try await Self.limit(request, refreshes)
            try await games.forget(request.user)
            try await accounts.forget(request.user)
            // What they did meanwhile, in another tab or on Discord.
            try await games.forget(request.user)
            return signedOut(request)
        }
    }
}

/// Everything about a user, without others' data.
private struct PersonalData: JSONWritable {
    let account: User?
    let memberships: [OwnMembership]
    let sessions: [SignedIn]
    let games: PersonalGames

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if let account {
                writer.name("account")
                writer.object { writer in
                    writer.member("avatar_url", account.avatarURL)
                    writer.member("global_name", account.globalName)
                    writer.member("id", account.id.description)
                    writer.member("username", account.username)
                }
            }
            writer.member("hosted_games", games.hosted.map(HostedGame.init))
            writer.member("servers", memberships.map(MembershipBody.init))
            writer.member("sessions", sessions.map(Use.init))
            writer.member(
                "sign_ups", games.signups.map { SignUpBody(game: $0.game, title: $0.title, joinedAt: $0.joinedAt) })
        }
    }

    private struct MembershipBody: JSONWritable {
        let membership: OwnMembership

        func write(to writer: inout JSONWriter) {
            let member = membership.member
            writer.object { writer in
                writer.member("id", member.guildID.description)
                writer.member("joined_at", member.joinedAt.map(RFC3339.text))
                writer.member("name", membership.guildName)
                writer.member("nickname", member.nickname)
                writer.member("reported_by", membership.isReportedByGuild ? "server" : "sign_in")
                writer.member("roles", member.roles.sorted().map(\.description).joined(separator: " "))
                writer.member("timed_out_until", member.timedOutUntil.map(RFC3339.text))
            }
        }
    }

    private struct Use: JSONWritable {
        let session: SignedIn

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("browser", session.browser)
                writer.member("signed_in_at", RFC3339.text(session.startedAt))
                writer.member("used_at", RFC3339.text(session.usedAt))
            }
        }
    }

    private struct HostedGame: JSONWritable {
        let game: Game

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("channel_id", game.channelID.description)
                writer.member("description", game.description)
                writer.member("duration_minutes", game.durationMinutes)
                writer.member("guild_id", game.guildID.description)
                writer.member("id", game.id.description)
                writer.member("max_players", game.maxPlayers)
                writer.member("message_id", game.messageID?.description)
                writer.member("scheduled_at", RFC3339.text(game.scheduledAt))
                writer.member("status", game.status.rawValue)
                writer.member("title", game.title)
                writer.member("where", game.place)
            }
        }
    }

    private struct SignUpBody: JSONWritable {
        let game: GameID
        let title: String
        let joinedAt: Int64

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("game_id", game.description)
                writer.member("joined_at", RFC3339.text(joinedAt))
                writer.member("title", title)
            }
        }
    }
}
