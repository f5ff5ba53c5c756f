import Store

/// The events by which the rest of the program learns that somebody may see more or less than before.
package enum AccessEvents {
    package static let guildUpdated = "guild.updated"

    static func granted(_ user: UserID, _ guild: GuildID) -> EventDraft {
        AccessChange.granted(principal: Topic.name(of: user), topic: Topic.name(of: guild)).draft
    }

    static func revoked(_ user: UserID, _ guild: GuildID) -> EventDraft {
        AccessChange.revoked(principal: Topic.name(of: user), topic: Topic.name(of: guild)).draft
    }

    static func ended(session: String, of user: UserID) -> EventDraft {
        AccessChange.sessionEnded(principal: Topic.name(of: user), session: session).draft
    }

    /// Something that pages show of the guild has changed: its name, a channel, a role.
    static func updated(_ guild: GuildID) -> EventDraft {
        EventDraft(topic: Topic.name(of: guild), kind: guildUpdated, payload: updatedPayload(guild))
    }

    /// What one person sees of the guild has changed: their roles, and so perhaps their channels.
    static func updated(_ guild: GuildID, for user: UserID) -> EventDraft {
        EventDraft(topic: Topic.name(of: user), kind: guildUpdated, payload: updatedPayload(guild))
    }

    private static func updatedPayload(_ guild: GuildID) -> String {
        #"{"type":"guild_updated","guild_id":"\#(guild)"}"#
    }
}
