import Wire

/// What the path and the body hold, as the types a handler wants.
extension Request {
    /// The placeholder's value as a `Value`, such as an `Int64`.
    ///
    /// - Throws: `HTTPError` 404 `not_found` when the text isn't one: an address that can't name anything is not there.
    package func parameter<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type = String.self
    ) throws -> Value {
        guard let text = parameters[name] else { preconditionFailure("the route has no placeholder named \(name)") }
        guard let value = Value(text) else { throw HTTPError(404, "not_found", "There is nothing at this address.") }
        return value
    }

    /// The media type of the body in lower case, without its parameters.
    package var contentType: String? {
        headers["content-type"].map { field in
            field.prefix { $0 != ";" }.lowercased().split(separator: " ").joined()
        }
    }

    /// The body as JSON (see `JSONCoding` for the form of keys and dates).
    ///
    /// - Throws: `HTTPError` 415 `unsupported_media_type` unless the body is declared to be JSON, 400 `malformed_json` when
    ///   it isn't JSON or not of that shape.
    package func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        guard let contentType, contentType == "application/json" || contentType.hasSuffix("+json") else {
            throw HTTPError(415, "unsupported_media_type", "Send the body as application/json.")
        }
        return try JSONCoding.decode(type, from: body)
    }
}
