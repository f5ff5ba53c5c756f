import Core

/// One fault of a submission.
package struct Fault: Hashable, Sendable, Codable {
    /// The field's name in JSON.
    package let field: String
    /// One sentence that says what is wrong and what would be right.
    package let message: String

    package init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

/// Why an operation on a game is refused.
package enum SchedulerError: CodedError, Hashable {
    /// There is no such game, or the user who asks may not know of it: the error doesn't say which.
    case gameNotFound
    /// There is no such guild with the bot, or the user who asks is not a member.
    case guildNotFound
    /// Only the host and those who manage the guild may do this.
    case notGameManager
    /// The member may only look on until then (milliseconds since 1970): a moderator has timed them out on Discord.
    case timedOut(until: Int64)
    /// Another user has edited the game since the editor read it; `current` is its version now.
    case versionConflict(current: Int64)
    /// Sign-up is closed.
    case notOpen(Game.Status)
    /// The game is over and can't be left.
    case alreadyCompleted
    /// The game has a status in which it can't be edited.
    case notEditable(Game.Status)
    /// Every fault of the submission, never empty.
    case invalid([Fault])
    /// The channel is valid, but the bot lacks permissions there; `missing` has their names.
    case botCannotPost(channel: String, missing: [String])
    /// The user has created as many games within ten minutes as they may, and may create the next in so many seconds.
    case tooManyNewGames(limit: Int, seconds: Int64)
    /// The user hosts as many open games as they may.
    case tooManyOpenGames(limit: Int)
    /// The guild has as many open games as it may.
    case guildHasTooManyGames(limit: Int)
    /// The command's key was used for another request.
    case idempotencyKeyReused

    package var code: String {
        switch self {
        case .gameNotFound: "game_not_found"
        case .guildNotFound: "guild_not_found"
        case .notGameManager: "not_game_manager"
        case .timedOut: "member_timed_out"
        case .versionConflict: "version_conflict"
        case .notOpen: "game_not_open"
        case .alreadyCompleted: "game_completed"
        case .notEditable: "game_not_editable"
        case .invalid(let faults): faults.count == 1 ? "invalid_\(faults[0].field)" : "invalid_game"
        case .botCannotPost: "invalid_channel_id"
        case .tooManyNewGames: "too_many_new_games"
        case .tooManyOpenGames: "too_many_open_games"
        case .guildHasTooManyGames: "guild_has_too_many_games"
        case .idempotencyKeyReused: "invalid_idempotency_key"
        }
    }

    package var message: String {
        switch self {
        case .gameNotFound: "There is no such game."
        case .guildNotFound: "There is no such server among those that you and the bot share."
        case .notGameManager: "Only the host, or someone who may manage the server, can change this game."
        case .timedOut(let end):
            "You are timed out in this server until \(Self.minute(end)). Until then you can look, and leave games."
        case .versionConflict:
            "Someone else has changed this game in the meantime. Load it again and repeat your change."
        case .notOpen(let status): "This game \(status.sentence): nobody can sign up for it any more."
        case .alreadyCompleted: "This game is over: nobody can leave it any more."
        case .notEditable(let status): "This game \(status.sentence): it can't be changed any more."
        case .invalid(let faults): faults.map(\.message).joined(separator: " ")
        case .botCannotPost(let channel, let missing):
            "The bot can't post in #\(channel): it needs \(missing.joined(separator: ", ")) there. Allow it in the "
                + "channel's permissions, or choose another channel."
        case .tooManyNewGames(let limit, let seconds):
            "You have planned \(Self.games(limit)) within ten minutes. You can plan the next one in "
                + "\(seconds <= 60 ? "a minute" : "\((seconds + 59) / 60) minutes")."
        case .tooManyOpenGames(let limit):
            "You host \(Self.games(limit)) already. Plan the next one when one of them is over, or call one off."
        case .guildHasTooManyGames(let limit):
            "This server has \(Self.games(limit)) already. Plan the next one when one of them is over or called off."
        case .idempotencyKeyReused:
            "This Idempotency-Key was used for another request. Use a new key for each new command."
        }
    }

    private static func games(_ count: Int) -> String { count == 1 ? "1 game" : "\(count) games" }

    /// The first minute that is not before `time`: `2027-03-01 18:30 UTC`.
    private static func minute(_ time: Int64) -> String {
        let minute = Duration.seconds(60).milliseconds
        let text = RFC3339.text((time + minute - 1) / minute * minute)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// The faults by field, for errors that concern fields.
    package var faults: [Fault] {
        switch self {
        case .invalid(let faults): faults
        case .botCannotPost: [Fault("channel_id", message)]
        default: []
        }
    }
}

extension Game.Status {
    fileprivate var sentence: String {
        switch self {
        case .scheduled: "is scheduled"
        case .inProgress: "has begun"
        case .completed: "is over"
        case .cancelled: "was cancelled"
        }
    }
}
