import Core
import Guilds
import Web

extension WebAPI {
    func registerGuilds(on members: inout RouteGroup) {
        members.get("/guilds") { request in
            .json(writing: Listed("guilds", try await directory.guilds(of: request.user).map(GuildBody.init)))
        }
        members.get("/guilds/:id") { request in
            let id = try guildID(request)
            let listing = try await directory.guilds(of: request.user).first { $0.guild.id == id }
            guard let listing else { throw GuildsError.guildNotFound }
            if listing.botInstalled {
                try await policy.requireMembership(of: request.user, in: id, seen: request.seen)
            }
            return .json(writing: GuildBody(listing))
        }
        members.get("/guilds/:id/channels") { request in
            let (id, seen) = (try guildID(request), request.seen)
            try await policy.requireMembership(of: request.user, in: id, seen: seen)
            let channels = try await directory.channelsForCards(of: id, seenBy: request.user, seen: seen)
            return .json(writing: Listed("channels", channels.map(ChannelBody.init)))
        }
        members.get("/guilds/:id/roles") { request in
            let (id, seen) = (try guildID(request), request.seen)
            try await policy.requireMembership(of: request.user, in: id, seen: seen)
            return .json(writing: Listed("roles", try await directory.roles(of: id, seen: seen).map(RoleBody.init)))
        }
    }

    private func guildID(_ request: Request) throws -> GuildID {
        guard let id = GuildID(try request.parameter("id")) else { throw GuildsError.guildNotFound }
        return id
    }
}

/// A guild as the signed-in user sees it.
struct GuildBody: JSONWritable {
    private let listing: GuildListing

    init(_ listing: GuildListing) { self.listing = listing }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("bot_installed", listing.botInstalled)
            writer.member("can_manage", listing.canManage)
            writer.member("icon_url", listing.guild.iconURL)
            writer.member("id", listing.guild.id.description)
            writer.member("is_owner", listing.isOwner)
            writer.member("name", listing.guild.name)
        }
    }
}

/// A list as the only member of an object.
private struct Listed<Element: JSONWritable>: JSONWritable {
    let name: StaticString
    let elements: [Element]

    init(_ name: StaticString, _ elements: [Element]) {
        self.name = name
        self.elements = elements
    }

    func write(to writer: inout JSONWriter) { writer.object { $0.member(name, elements) } }
}

private struct ChannelBody: JSONWritable {
    let channel: Channel

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", channel.id.description)
            writer.member("name", channel.name)
            writer.member("type", channel.type)
        }
    }
}

private struct RoleBody: JSONWritable {
    let role: Role

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("color", role.color)
            writer.member("id", role.id.description)
            writer.member("is_managed", role.isManaged)
            writer.member("name", role.name)
            writer.member("position", role.position)
        }
    }
}
