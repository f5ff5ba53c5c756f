import Core

/// One thing that is wrong with what somebody submitted.
package struct Fault: Hashable, Sendable, Codable {
    /// The name of the field, as it is called in JSON.
    package let field: String
    /// One sentence that says what is wrong and what would be right.
    package let message: String

    package init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

/// Why something about a game can't be done.
package enum SchedulerError: CodedError, Hashable {
    /// There is no such game, or the one who asks may not know of it.
    case gameNotFound
    case guildNotFound
    case notGameManager
    /// The member may look on only, until then (milliseconds since 1970): moderators have timed them out on Discord.
    case timedOut(until: Int64)
    /// The game was changed by somebody else since the editor read it.
    case versionConflict(current: Int64)
    /// Nobody can sign up any more.
    case notOpen(Game.Status)
    /// Nobody can leave any more.
    case alreadyCompleted
    /// Nothing can be edited any more.
    case notEditable(Game.Status)
    /// Everything that is wrong with the submission, never empty.
    case invalid([Fault])
    /// The channel is right, but the bot may not post there.
    case botCannotPost(channel: String, missing: [String])
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
        case .versionConflict: "Somebody else changed this game meanwhile. Load it again and repeat your change."
        case .notOpen(let status): "This game \(status.sentence): nobody can sign up for it any more."
        case .alreadyCompleted: "This game is over: nobody can leave it any more."
        case .notEditable(let status): "This game \(status.sentence): it can't be changed any more."
        case .invalid(let faults): faults.map(\.message).joined(separator: " ")
        case .botCannotPost(let channel, let missing):
            "The bot can't post in #\(channel): it needs \(missing.joined(separator: ", ")) there. Allow it in the "
                + "channel's permissions, or choose another channel."
        case .idempotencyKeyReused:
            "This Idempotency-Key was used for another request. Use a new key for each new command."
        }
    }

    /// The first minute that is not before `time`: `2027-03-01 18:30 UTC`.
    private static func minute(_ time: Int64) -> String {
        let minute = Duration.seconds(60).milliseconds
        let text = RFC3339.text((time + minute - 1) / minute * minute)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// What is wrong with which field, where fields are concerned.
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
