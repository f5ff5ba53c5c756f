/// A member joined or changed: the member's fields with the guild's id beside them. See Discord's Guild Member Add and Guild
/// Member Update (events/gateway-events#guild-member-add).
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package struct GuildMemberEvent: Codable, Hashable, Sendable {
    package var guildID: Snowflake
    package var member: Member

    package init(guildID: Snowflake, member: Member) {
        self.guildID = guildID
        self.member = member
    }

    private enum CodingKeys: String, CodingKey {
        case guildID = "guild_id"
    }

    package init(from decoder: any Decoder) throws {
        member = try Member(from: decoder)
        guildID = try decoder.container(keyedBy: CodingKeys.self).decode(Snowflake.self, forKey: .guildID)
    }

    package func encode(to encoder: any Encoder) throws {
        try member.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(guildID, forKey: .guildID)
    }
}
