package import Guilds
package import Scheduler

/// What is remembered of the card of one game.
package struct CardRecord: Hashable, Sendable {
    package let game: GameID
    let guild: GuildID
    let channel: ChannelID
    /// The version of the game that the card is known to show; 0 when it must be checked, `nil` in rows of an older release.
    let shownVersion: Int64?
    let message: MessageID?
    /// Of the card that `message` shows; `nil` when that isn't certain.
    let fingerprint: String?
    /// Of a message that was sent to Discord without its answer having been recorded.
    let nonce: String?
    /// When that message was first sent, in milliseconds since 1970.
    let postingSince: Int64?

    /// Where it waits to be refreshed.
    var lane: CardQueue.Lane { CardQueue.Lane(guild, channel) }

    /// Whether the card shows the game as it is.
    func isCurrent(for game: Game) -> Bool {
        message == game.messageID && shownVersion.map { $0 >= game.version } ?? false
    }
}

/// Something that keeps a card from being right and that only a person can mend, such as a missing permission.
package struct CardProblem: Hashable, Sendable {
    package let game: GameID
    package let guild: GuildID
    package let channel: ChannelID
    /// A stable code, such as `discord_missing_permission`.
    package let code: String
    package let message: String
    /// Milliseconds since 1970.
    package let since: Int64
}
