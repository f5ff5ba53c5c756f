import Store

/// The events by which the rest of the program learns that somebody may see more or less than before.
package enum AccessEvents {
    package static let granted = "access.granted"
    package static let revoked = "access.revoked"
    package static let guildUpdated = "guild.updated"
    package static let sessionEnded = "session.ended"

    static func granted(_ user: UserID, _ guild: GuildID) -> EventDraft { access(granted, user, guild) }
    static func revoked(_ user: UserID, _ guild: GuildID) -> EventDraft { access(revoked, user, guild) }

    private static func access(_ kind: String, _ user: UserID, _ guild: GuildID) -> EventDraft {
        EventDraft(
            topic: Topic.name(of: user), kind: kind,
            payload: #"{"principal":"\#(Topic.name(of: user))","topic":"\#(Topic.name(of: guild))"}"#)
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

    static func ended(session: String, of user: UserID) -> EventDraft {
        EventDraft(
            topic: Topic.name(of: user), kind: sessionEnded,
            payload: #"{"principal":"\#(Topic.name(of: user))","session":"\#(session)"}"#)
    }
}
