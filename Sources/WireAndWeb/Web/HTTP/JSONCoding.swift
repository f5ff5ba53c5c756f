package import FoundationEssentials

/// How Tandem's web API writes and reads JSON: keys in snake_case, dates as RFC 3339 in UTC.
///
/// A property is named `roomId`, not `roomID`, and has no coding key of its own, so that both directions agree.
package enum JSONCoding {
    /// - Throws: `EncodingError`.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try [UInt8](encoder.encode(value))
    }

    /// - Throws: `HTTPError` 400 `malformed_json`, with the path of the fault in its message.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = date(text) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "The value is not a date such as 2030-01-31T18:30:00Z.")
            }
            return date
        }
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw HTTPError(400, "malformed_json", explanation(of: error))
        }
    }

    /// A date in RFC 3339, with or without fractions of a second, with any offset.
    package static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: Date.ISO8601FormatStyle()))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }

    private static func explanation(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "The value at \(path(context.codingPath + [key])) is missing."
        case .valueNotFound(_, let context):
            "The value at \(path(context.codingPath)) must not be null."
        case .typeMismatch(_, let context):
            "The value at \(path(context.codingPath)) has the wrong type."
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            "The body is not well-formed JSON."
        case .dataCorrupted(let context):
            "The value at \(path(context.codingPath)) is not acceptable."
        @unknown default: "The body is not the JSON that is expected here."
        }
    }

    /// `$.rooms[3].title`, with keys as the client wrote them.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "$") { path, key in
            path += key.intValue.map { "[\($0)]" } ?? "." + snakeCase(key.stringValue)
        }
    }

    private static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { text, character in
            text += character.isUppercase ? "_" + character.lowercased() : String(character)
        }
    }
}
