/// Discord's number of one object, typed by the kind of object, so that a guild's number can't be passed for a channel's.
///
/// In text (JSON, topics, URLs) it is the decimal number; stored, it is a signed 64-bit integer, which Discord's numbering
/// fits until the year 2084.
package struct Identity<Kind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int64

    /// - Precondition: `number` is positive.
    package init(_ number: Int64) {
        precondition(number > 0, "a Discord identifier is positive")
        self.number = number
    }

    /// `nil` unless `text` is a positive decimal number without sign or leading zero that fits.
    package init?(_ text: some StringProtocol) {
        let digits = text.utf8
        guard (1...19).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int64(text)
        else { return nil }
        self.number = number
    }

    package var description: String { String(number) }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Identifies a guild.
package typealias GuildID = Identity<Guild>
/// Identifies a channel.
package typealias ChannelID = Identity<Channel>
/// Identifies a role.
package typealias RoleID = Identity<Role>
/// Identifies a Discord account.
package typealias UserID = Identity<User>

/// What `MessageID` identifies: a message in a channel. Messages themselves are not modelled here.
package enum PostedMessage {}
/// Identifies a message.
package typealias MessageID = Identity<PostedMessage>

/// Coded as a string. Errors: reading anything else throws a `DecodingError`.
extension Identity: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a Discord identifier")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
