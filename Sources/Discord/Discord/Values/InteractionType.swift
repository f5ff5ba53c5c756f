/// The kind of an interaction. See Discord's Interaction Type
/// (interactions/receiving-and-responding#interaction-object-interaction-type).
package struct InteractionType: RawRepresentable, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let ping = InteractionType(rawValue: 1)
    package static let command = InteractionType(rawValue: 2)
    package static let component = InteractionType(rawValue: 3)
    package static let autocomplete = InteractionType(rawValue: 4)
    package static let modal = InteractionType(rawValue: 5)

    package static var neutral: InteractionType { .ping }
}
