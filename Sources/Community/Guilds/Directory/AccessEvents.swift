import Store

/// The events by which the rest of the program learns that a user may see more or less than before.
package enum AccessEvents {
    /// The kind of the event that something shown of a guild has changed. Changes of access are `AccessChange`s.
    package static let guildUpdated = "guild.updated"

    static func granted(_ user: UserID, _ guild: GuildID) -> EventDraft {
        AccessChange.granted(principal: CommunityTopic.name(of: user), topic: CommunityTopic.name(of: guild)).draft
    }

    static func revoked(_ user: UserID, _ guild: GuildID) -> EventDraft {
        AccessChange.revoked(principal: CommunityTopic.name(of: user), topic: CommunityTopic.name(of: guild)).draft
    }

    /// Who sees what in the guild may have changed for many.
    static func viewsChanged(_ guild: GuildID) -> EventDraft {
        AccessChange.changed(topic: CommunityTopic.name(of: guild)).draft
    }

    static func ended(session: String, of user: UserID) -> EventDraft {
        AccessChange.sessionEnded(principal: CommunityTopic.name(of: user), session: session).draft
    }

    /// Something that pages show of the guild has changed: its name, a channel, a role.
    static func updated(_ guild: GuildID) -> EventDraft {
        EventDraft(topic: CommunityTopic.name(of: guild), kind: guildUpdated, payload: updatedPayload(guild))
    }

    /// What one user sees of the guild has changed: their roles, and so perhaps their channels.
    static func updated(_ guild: GuildID, for user: UserID) -> EventDraft {
        EventDraft(topic: CommunityTopic.name(of: user), kind: guildUpdated, payload: updatedPayload(guild))
    }

    private static func updatedPayload(_ guild: GuildID) -> String {
        #"{"type":"guild_updated","guild_id":"\#(guild)"}"#
    }
}
