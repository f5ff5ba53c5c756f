import Guilds

/// What a user submits to create or change a game, unchecked. A field that is `nil` was not submitted.
package struct GameForm: Sendable, Hashable {
    package var guildID: String?
    package var channelID: String?
    package var title: String?
    package var description: String?
    package var place: String?
    /// RFC 3339 with an offset.
    package var scheduledAt: String?
    package var durationMinutes: Int?
    package var maxPlayers: Int?
    package var signupMethod: String?
    /// The version that the editor saw: required to change a game, ignored when creating one.
    package var version: Int64?

    package init(
        guildID: String? = nil, channelID: String? = nil, title: String? = nil, description: String? = nil,
        place: String? = nil, scheduledAt: String? = nil, durationMinutes: Int? = nil, maxPlayers: Int? = nil,
        signupMethod: String? = nil, version: Int64? = nil
    ) {
        self.guildID = guildID
        self.channelID = channelID
        self.title = title
        self.description = description
        self.place = place
        self.scheduledAt = scheduledAt
        self.durationMinutes = durationMinutes
        self.maxPlayers = maxPlayers
        self.signupMethod = signupMethod
        self.version = version
    }
}

/// The details of a game, checked.
struct GameDetails: Hashable, Sendable {
    var guildID: GuildID
    var channelID: ChannelID
    var title: String
    var description: String
    var place: String
    var scheduledAt: Int64
    var durationMinutes: Int
    var maxPlayers: Int
    var signupMethod: Game.SignupMethod
}
