/// The kind of a component. See Discord's Component Types (components/reference#component-object-component-types).
package struct ComponentType: RawRepresentable, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let actionRow = ComponentType(rawValue: 1)
    package static let button = ComponentType(rawValue: 2)
    package static let stringSelect = ComponentType(rawValue: 3)
    package static let textInput = ComponentType(rawValue: 4)
    package static let userSelect = ComponentType(rawValue: 5)
    package static let roleSelect = ComponentType(rawValue: 6)
    package static let mentionableSelect = ComponentType(rawValue: 7)
    package static let channelSelect = ComponentType(rawValue: 8)
    package static let section = ComponentType(rawValue: 9)
    package static let textDisplay = ComponentType(rawValue: 10)
    package static let thumbnail = ComponentType(rawValue: 11)
    package static let mediaGallery = ComponentType(rawValue: 12)
    package static let file = ComponentType(rawValue: 13)
    package static let separator = ComponentType(rawValue: 14)
    package static let container = ComponentType(rawValue: 17)
    package static let label = ComponentType(rawValue: 18)

    package static var neutral: ComponentType { .actionRow }
}
