import Scheduler

/// A button of a game's card.
enum GameButton: Hashable, Sendable {
    case join(GameID)
    case leave(GameID)

    private static let joinPrefix = "join_game_"
    private static let leavePrefix = "leave_game_"

    /// `nil` for an identifier that isn't of one of these buttons.
    init?(customID: String) {
        if customID.hasPrefix(Self.joinPrefix), let game = GameID(customID.dropFirst(Self.joinPrefix.count)) {
            self = .join(game)
        } else if customID.hasPrefix(Self.leavePrefix), let game = GameID(customID.dropFirst(Self.leavePrefix.count)) {
            self = .leave(game)
        } else {
            return nil
        }
    }

    /// Names the button in the message; Discord sends it with each press.
    var customID: String {
        switch self {
        case .join(let game): Self.joinPrefix + game.description
        case .leave(let game): Self.leavePrefix + game.description
        }
    }
}
