/// A field that Discord documents as always present, read as its neutral value when it is missing or null nevertheless.
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
@propertyWrapper
package struct Tolerant<Value: NeutralValue> {
    package var wrappedValue: Value

    package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

/// A type with a neutral value: empty, zero, false.
package protocol NeutralValue {
    static var neutral: Self { get }
}

extension Tolerant: Equatable where Value: Equatable {}
extension Tolerant: Hashable where Value: Hashable {}
extension Tolerant: Sendable where Value: Sendable {}

extension Tolerant: Encodable where Value: Encodable {
    package func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}

extension Tolerant: Decodable where Value: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? .neutral : try container.decode(Value.self)
    }
}

/// Reads a missing field, too.
///
/// Errors: decoding throws `DecodingError`.
extension KeyedDecodingContainer {
    package func decode<Value: Decodable>(_ type: Tolerant<Value>.Type, forKey key: Key) throws -> Tolerant<Value> {
        try Tolerant(wrappedValue: decodeIfPresent(Value.self, forKey: key) ?? .neutral)
    }
}

extension Bool: NeutralValue { package static var neutral: Bool { false } }
extension Int: NeutralValue { package static var neutral: Int { 0 } }
extension String: NeutralValue { package static var neutral: String { "" } }
extension Array: NeutralValue { package static var neutral: [Element] { [] } }
extension Dictionary: NeutralValue { package static var neutral: [Key: Value] { [:] } }
