/// A pressed component, a command, an autocomplete request or a submitted form, and how its application answered. See
/// Discord's Interaction Object (interactions/receiving-and-responding#interaction-object).
package struct Interaction: Sendable {
    /// Discord's interaction types.
    package enum Kind: Int, Sendable { case command = 2, component = 3, autocomplete = 4, modal = 5 }

    /// How far the application has answered.
    package enum State: Sendable, Equatable {
        /// No answer yet.
        case waiting
        /// Answered in time with a callback of this type.
        case answered(type: Int)
        /// Not answered within three seconds: Discord tells the user that the application did not respond.
        case timedOut
    }

    package let id: UInt64
    package let applicationID: UInt64
    package let token: String
    package let kind: Kind
    package let userID: UInt64
    package let channelID: UInt64
    package let guildID: UInt64?
    package let createdAt: Int64
    package let data: JSON
    /// The message whose component was pressed.
    package let sourceMessageID: UInt64?
    package var state = State.waiting
    package var answeredAt: Int64?
    /// The callback's `data` unless it is a message: choices or a form.
    package var responseData: JSON?
    /// The message that `@original` names.
    package var originalID: UInt64?
    package var followUpIDs: [UInt64] = []
    /// Whether anything followed the first answer: the original edited or deleted, a follow-up sent.
    package var isCompleted = false

    /// How long an application has for its first answer.
    package static let answerTime = Duration.seconds(3)
    /// How long an interaction's token can be used.
    package static let lifetime = Duration.seconds(15 * 60)
}
