/// How a button looks. See Discord's Button Styles (components/reference#button-button-styles).
package struct ButtonStyle: RawRepresentable, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let primary = ButtonStyle(rawValue: 1)
    package static let secondary = ButtonStyle(rawValue: 2)
    package static let success = ButtonStyle(rawValue: 3)
    package static let danger = ButtonStyle(rawValue: 4)
    package static let link = ButtonStyle(rawValue: 5)
    package static let premium = ButtonStyle(rawValue: 6)

    package static var neutral: ButtonStyle { .primary }
}
