/// Whether a permission overwrite is for a role or a member. See Discord's Overwrite Object
/// (resources/channel#overwrite-object-overwrite-structure).
package struct OverwriteType: RawRepresentable, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let role = OverwriteType(rawValue: 0)
    package static let member = OverwriteType(rawValue: 1)

    package static var neutral: OverwriteType { .role }
}
