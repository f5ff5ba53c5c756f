package import Core

/// An event that Discord dispatches (gateway op 0). See Discord's Receive Events (events/gateway-events#receive-events).
package enum GatewayEvent: Hashable, Sendable {
    case ready(Ready)
    case resumed
    case guildCreate(GuildCreate)
    /// A guild of READY that is still unavailable arrives as a GUILD_CREATE with nothing but its id.
    case guildUnavailable(UnavailableGuild)
    case guildUpdate(Guild)
    case guildDelete(UnavailableGuild)
    case channelCreate(Channel)
    case channelUpdate(Channel)
    case channelDelete(Channel)
    case guildRoleCreate(GuildRoleEvent)
    case guildRoleUpdate(GuildRoleEvent)
    case guildRoleDelete(GuildRoleDelete)
    case guildMemberAdd(GuildMemberEvent)
    case guildMemberUpdate(GuildMemberEvent)
    case guildMemberRemove(GuildMemberRemove)
    case guildMembersChunk(GuildMembersChunk)
    case guildBanAdd(GuildBanEvent)
    case guildBanRemove(GuildBanEvent)
    case voiceStateUpdate(VoiceState)
    case voiceServerUpdate(VoiceServerUpdate)
    case messageCreate(Message)
    case messageUpdate(Message)
    case messageDelete(MessageDelete)
    case messageDeleteBulk(MessageDeleteBulk)
    case interactionCreate(Interaction)
    case userUpdate(User)
    /// An event that Tandem has no type for.
    case other(name: String, data: JSONValue)
    /// A known event whose data was not as documented; `reason` names the place, never the content.
    case malformed(name: String, reason: String)

    /// The event's name on the wire, such as `GUILD_CREATE`.
    package var name: String {
        switch self {
        case .ready: "READY"
        case .resumed: "RESUMED"
        case .guildCreate, .guildUnavailable: "GUILD_CREATE"
        case .guildUpdate: "GUILD_UPDATE"
        case .guildDelete: "GUILD_DELETE"
        case .channelCreate: "CHANNEL_CREATE"
        case .channelUpdate: "CHANNEL_UPDATE"
        case .channelDelete: "CHANNEL_DELETE"
        case .guildRoleCreate: "GUILD_ROLE_CREATE"
        case .guildRoleUpdate: "GUILD_ROLE_UPDATE"
        case .guildRoleDelete: "GUILD_ROLE_DELETE"
        case .guildMemberAdd: "GUILD_MEMBER_ADD"
        case .guildMemberUpdate: "GUILD_MEMBER_UPDATE"
        case .guildMemberRemove: "GUILD_MEMBER_REMOVE"
        case .guildMembersChunk: "GUILD_MEMBERS_CHUNK"
        case .guildBanAdd: "GUILD_BAN_ADD"
        case .guildBanRemove: "GUILD_BAN_REMOVE"
        case .voiceStateUpdate: "VOICE_STATE_UPDATE"
        case .voiceServerUpdate: "VOICE_SERVER_UPDATE"
        case .messageCreate: "MESSAGE_CREATE"
        case .messageUpdate: "MESSAGE_UPDATE"
        case .messageDelete: "MESSAGE_DELETE"
        case .messageDeleteBulk: "MESSAGE_DELETE_BULK"
        case .interactionCreate: "INTERACTION_CREATE"
        case .userUpdate: "USER_UPDATE"
        case .other(let name, _), .malformed(let name, _): name
        }
    }

    /// Encodes the event's data as JSON.
    ///
    /// - Throws: `EncodingError`.
    package func encodeData(to encoder: any Encoder) throws {
        switch self {
        case .ready(let data): try data.encode(to: encoder)
        case .resumed: try JSONValue.object(["_trace": []]).encode(to: encoder)
        case .guildCreate(let data): try data.encode(to: encoder)
        case .guildUnavailable(let data), .guildDelete(let data): try data.encode(to: encoder)
        case .guildUpdate(let data): try data.encode(to: encoder)
        case .channelCreate(let data), .channelUpdate(let data), .channelDelete(let data): try data.encode(to: encoder)
        case .guildRoleCreate(let data), .guildRoleUpdate(let data): try data.encode(to: encoder)
        case .guildRoleDelete(let data): try data.encode(to: encoder)
        case .guildMemberAdd(let data), .guildMemberUpdate(let data): try data.encode(to: encoder)
        case .guildMemberRemove(let data): try data.encode(to: encoder)
        case .guildMembersChunk(let data): try data.encode(to: encoder)
        case .guildBanAdd(let data), .guildBanRemove(let data): try data.encode(to: encoder)
        case .voiceStateUpdate(let data): try data.encode(to: encoder)
        case .voiceServerUpdate(let data): try data.encode(to: encoder)
        case .messageCreate(let data), .messageUpdate(let data): try data.encode(to: encoder)
        case .messageDelete(let data): try data.encode(to: encoder)
        case .messageDeleteBulk(let data): try data.encode(to: encoder)
        case .interactionCreate(let data): try data.encode(to: encoder)
        case .userUpdate(let data): try data.encode(to: encoder)
        case .other(_, let data): try data.encode(to: encoder)
        case .malformed: try JSONValue.null.encode(to: encoder)
        }
    }
}

extension GatewayEvent {
    /// Decodes the data of the event called `name`. Never throws: data that can't be decoded becomes `.malformed`.
    package init(name: String, data decoder: any Decoder) {
        do {
            self = try Self.read(name, decoder)
        } catch let error as DecodingError {
            self = .malformed(name: name, reason: error.place)
        } catch {
            self = .malformed(name: name, reason: "unreadable")
        }
    }

    private static func read(_ name: String, _ decoder: any Decoder) throws -> GatewayEvent {
        switch name {
        case "READY": .ready(try Ready(from: decoder))
        case "RESUMED": .resumed
        case "GUILD_CREATE":
            // Only an unavailable guild comes without a name.
            if let guild = try? UnavailableGuild(from: decoder), guild.unavailable == true {
                .guildUnavailable(guild)
            } else {
                .guildCreate(try GuildCreate(from: decoder))
            }
        case "GUILD_UPDATE": .guildUpdate(try Guild(from: decoder))
        case "GUILD_DELETE": .guildDelete(try UnavailableGuild(from: decoder))
        case "CHANNEL_CREATE": .channelCreate(try Channel(from: decoder))
        case "CHANNEL_UPDATE": .channelUpdate(try Channel(from: decoder))
        case "CHANNEL_DELETE": .channelDelete(try Channel(from: decoder))
        case "GUILD_ROLE_CREATE": .guildRoleCreate(try GuildRoleEvent(from: decoder))
        case "GUILD_ROLE_UPDATE": .guildRoleUpdate(try GuildRoleEvent(from: decoder))
        case "GUILD_ROLE_DELETE": .guildRoleDelete(try GuildRoleDelete(from: decoder))
        case "GUILD_MEMBER_ADD": .guildMemberAdd(try GuildMemberEvent(from: decoder))
        case "GUILD_MEMBER_UPDATE": .guildMemberUpdate(try GuildMemberEvent(from: decoder))
        case "GUILD_MEMBER_REMOVE": .guildMemberRemove(try GuildMemberRemove(from: decoder))
        case "GUILD_MEMBERS_CHUNK": .guildMembersChunk(try GuildMembersChunk(from: decoder))
        case "GUILD_BAN_ADD": .guildBanAdd(try GuildBanEvent(from: decoder))
        case "GUILD_BAN_REMOVE": .guildBanRemove(try GuildBanEvent(from: decoder))
        case "VOICE_STATE_UPDATE": .voiceStateUpdate(try VoiceState(from: decoder))
        case "VOICE_SERVER_UPDATE": .voiceServerUpdate(try VoiceServerUpdate(from: decoder))
        case "MESSAGE_CREATE": .messageCreate(try Message(from: decoder))
        case "MESSAGE_UPDATE": .messageUpdate(try Message(from: decoder))
        case "MESSAGE_DELETE": .messageDelete(try MessageDelete(from: decoder))
        case "MESSAGE_DELETE_BULK": .messageDeleteBulk(try MessageDeleteBulk(from: decoder))
        case "INTERACTION_CREATE": .interactionCreate(try Interaction(from: decoder))
        case "USER_UPDATE": .userUpdate(try User(from: decoder))
        default: .other(name: name, data: try JSONValue(from: decoder))
        }
    }
}

extension DecodingError {
    /// Which field is wrong and how, without its value.
    var place: String {
        let (context, what): (Context, String) =
            switch self {
            case .typeMismatch(_, let context): (context, "has another type")
            case .valueNotFound(_, let context): (context, "is null")
            case .keyNotFound(let key, let context): (context, "lacks \(key.stringValue)")
            case .dataCorrupted(let context): (context, "is malformed")
            @unknown default: (Context(codingPath: [], debugDescription: ""), "is unreadable")
            }
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? "the object \(what)" : "\(path) \(what)"
    }
}
