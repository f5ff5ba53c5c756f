/// The kind of a first answer to an interaction. See Discord's Interaction Callback Type
/// (interactions/receiving-and-responding#interaction-response-object-interaction-callback-type).
package struct InteractionResponseType: RawRepresentable, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let pong = InteractionResponseType(rawValue: 1)
    package static let message = InteractionResponseType(rawValue: 4)
    package static let deferredMessage = InteractionResponseType(rawValue: 5)
    package static let deferredUpdate = InteractionResponseType(rawValue: 6)
    package static let update = InteractionResponseType(rawValue: 7)
    package static let autocomplete = InteractionResponseType(rawValue: 8)
    package static let modal = InteractionResponseType(rawValue: 9)
    package static let launchActivity = InteractionResponseType(rawValue: 12)

    package static var neutral: InteractionResponseType { .pong }
}
