package import Core
import Guilds

/// The JSON that pages and other programs read. Errors: reading anything else throws a `DecodingError`.
extension Game: Codable {
    enum CodingKeys: String, CodingKey {
        case id, title, description, status, host, participants, version
        case place = "where"
        case guildID = "guild_id"
        case channelID = "channel_id"
        case messageID = "message_id"
        case scheduledAt = "scheduled_at"
        case durationMinutes = "duration_minutes"
        case maxPlayers = "max_players"
        case signupMethod = "signup_method"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(guildID, forKey: .guildID)
        try container.encode(channelID, forKey: .channelID)
        // Without a card yet, this is written as null, not left out.
        try container.encode(messageID, forKey: .messageID)
        try container.encode(title, forKey: .title)
        try container.encode(description, forKey: .description)
        try container.encode(place, forKey: .place)
        try container.encode(RFC3339.text(scheduledAt), forKey: .scheduledAt)
        try container.encode(durationMinutes, forKey: .durationMinutes)
        try container.encode(maxPlayers, forKey: .maxPlayers)
        try container.encode(signupMethod, forKey: .signupMethod)
        try container.encode(status, forKey: .status)
        try container.encode(host, forKey: .host)
        try container.encode(participants, forKey: .participants)
        try container.encode(version, forKey: .version)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try container.decode(GameID.self, forKey: .id),
            guildID: try container.decode(GuildID.self, forKey: .guildID),
            channelID: try container.decode(ChannelID.self, forKey: .channelID),
            messageID: try container.decodeIfPresent(MessageID.self, forKey: .messageID),
            title: try container.decode(String.self, forKey: .title),
            description: try container.decode(String.self, forKey: .description),
            place: try container.decode(String.self, forKey: .place),
            scheduledAt: try container.decodeTime(forKey: .scheduledAt),
            durationMinutes: try container.decode(Int.self, forKey: .durationMinutes),
            maxPlayers: try container.decode(Int.self, forKey: .maxPlayers),
            signupMethod: try container.decode(SignupMethod.self, forKey: .signupMethod),
            status: try container.decode(Status.self, forKey: .status),
            host: try container.decode(Host.self, forKey: .host),
            participants: try container.decode([Participant].self, forKey: .participants),
            version: try container.decode(Int64.self, forKey: .version))
    }
}

/// The same JSON, written by hand for what is sent often.
extension Game: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("channel_id", channelID.description)
            writer.member("description", description)
            writer.member("duration_minutes", durationMinutes)
            writer.member("guild_id", guildID.description)
            writer.name("host")
            writer.object { writer in
                writer.member("id", host.id.description)
                writer.member("name", host.name)
            }
            writer.member("id", id.description)
            writer.member("max_players", maxPlayers)
            writer.member("message_id", messageID?.description)
            writer.member("participants", participants)
            writer.member("scheduled_at", RFC3339.text(scheduledAt))
            writer.member("signup_method", signupMethod.rawValue)
            writer.member("status", status.rawValue)
            writer.member("title", title)
            writer.member("version", version)
            writer.member("where", place)
        }
    }
}

extension Participant: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("display_name", displayName)
            writer.member("joined_at", RFC3339.text(joinedAt))
            writer.member("state", state.rawValue)
            writer.member("user_id", userID.description)
        }
    }
}

/// A member of a game's JSON. Errors: reading anything else throws a `DecodingError`.
extension Participant: Codable {
    enum CodingKeys: String, CodingKey {
        case state
        case userID = "user_id"
        case displayName = "display_name"
        case joinedAt = "joined_at"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(userID, forKey: .userID)
        try container.encode(displayName, forKey: .displayName)
        try container.encode(RFC3339.text(joinedAt), forKey: .joinedAt)
        try container.encode(state, forKey: .state)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            userID: try container.decode(UserID.self, forKey: .userID),
            displayName: try container.decode(String.self, forKey: .displayName),
            joinedAt: try container.decodeTime(forKey: .joinedAt),
            state: try container.decode(State.self, forKey: .state))
    }
}

/// Coded as a string. Errors: reading anything else throws a `DecodingError`.
extension GameID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = GameID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a game's identifier")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension KeyedDecodingContainer {
    fileprivate func decodeTime(forKey key: Key) throws -> Int64 {
        guard let time = RFC3339.milliseconds(try decode(String.self, forKey: key)) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not a time")
        }
        return time
    }
}
