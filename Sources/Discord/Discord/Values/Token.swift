package import Core

/// A secret that travels in JSON, such as a bot's token or an interaction's. Printing it shows nothing.
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package struct Token: Codable, Hashable, Sendable, CustomStringConvertible {
    package let secret: Secret

    package init(_ secret: Secret) { self.secret = secret }
    package init(_ text: String) { secret = Secret(text) }

    /// The token itself, for the place that sends it.
    package var revealed: String { secret.revealed }
    package var description: String { secret.description }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(secret.revealed)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(secret.revealed) }
}
