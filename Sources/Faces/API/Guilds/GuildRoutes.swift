import Guilds
import Web

extension WebAPI {
    func registerGuilds(on members: inout RouteGroup) {
        members.get("/guilds") { request in
            try .json(["guilds": try await directory.guilds(of: request.user).map(GuildBody.init)])
        }
        members.get("/guilds/:id") { request in
            let id = try guildID(request)
            let listing = try await directory.guilds(of: request.user).first { $0.guild.id == id }
            guard let listing else { throw GuildsError.guildNotFound }
            if listing.botInstalled { try await policy.requireMembership(of: request.user, in: id) }
            return try .json(GuildBody(listing))
        }
        members.get("/guilds/:id/channels") { request in
            let id = try guildID(request)
            try await policy.requireMembership(of: request.user, in: id)
            let channels = try await directory.channelsForCards(of: id, seenBy: request.user)
            return try .json(["channels": channels.map(ChannelBody.init)])
        }
        members.get("/guilds/:id/roles") { request in
            let id = try guildID(request)
            try await policy.requireMembership(of: request.user, in: id)
            return try .json(["roles": try await directory.roles(of: id).map(RoleBody.init)])
        }
    }

    private func guildID(_ request: Request) throws -> GuildID {
        guard let id = GuildID(try request.parameter("id")) else { throw GuildsError.guildNotFound }
        return id
    }
}

/// A guild as the signed-in user sees it, with its names in JSON.
struct GuildBody: Encodable {
    let id: GuildID
    let name: String
    @OrNull var iconUrl: String?
    let isOwner: Bool
    let canManage: Bool
    let botInstalled: Bool

    init(_ listing: GuildListing) {
        id = listing.guild.id
        name = listing.guild.name
        iconUrl = listing.guild.iconURL
        isOwner = listing.isOwner
        canManage = listing.canManage
        botInstalled = listing.botInstalled
    }
}

private struct ChannelBody: Encodable {
    let id: ChannelID
    let name: String
    let type: Int

    init(_ channel: Channel) {
        id = channel.id
        name = channel.name
        type = channel.type
    }
}

private struct RoleBody: Encodable {
    let id: RoleID
    let name: String
    let color: Int
    let position: Int
    let isManaged: Bool

    init(_ role: Role) {
        id = role.id
        name = role.name
        color = role.color
        position = role.position
        isManaged = role.isManaged
    }
}
