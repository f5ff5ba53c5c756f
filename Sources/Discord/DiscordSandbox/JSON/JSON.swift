/// Any JSON value. Numbers keep 64-bit integers exact, because clients may send identifiers and permissions as integers.
///
/// The sandbox builds what it sends from these values and not from the models of `Discord`: the two are written
/// independently, so that one tests the other. `Core`'s `JSONValue` can't replace it: it keeps neither the order
/// of members nor the position of a syntax error.
package enum JSON: Sendable, Equatable {
    /// A member of an object.
    package struct Member: Sendable, Equatable {
        package let key: String
        package var value: JSON
    }

    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    /// Members in the order they were written; of members with the same key the last one counts.
    case object([Member])
}

extension JSON: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }
    package init(nilLiteral: ()) { self = .null }
}

extension JSON {
    /// An identifier as Discord writes it: a string of decimal digits.
    package static func id(_ id: UInt64) -> JSON { .string(String(id)) }
    package static func id(_ id: UInt64?) -> JSON { id.map { .string(String($0)) } ?? .null }
    package static func ids(_ ids: some Sequence<UInt64>) -> JSON { .array(ids.map { .string(String($0)) }) }
    package static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
    package static func int(_ value: Int) -> JSON { .integer(Int64(value)) }
    package static func int(_ value: Int?) -> JSON { value.map { .integer(Int64($0)) } ?? .null }

    /// The value of a member; `nil` when this is not an object or has no such member. Setting `nil` removes the member.
    package subscript(key: String) -> JSON? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.last { $0.key == key }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            members.removeAll { $0.key == key }
            if let newValue { members.append(Member(key: key, value: newValue)) }
            self = .object(members)
        }
    }

    package subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    package var isNull: Bool { self == .null }
    package var isObject: Bool { if case .object = self { true } else { false } }
    package var stringValue: String? { if case .string(let text) = self { text } else { nil } }
    package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var arrayValue: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
    package var members: [Member] { if case .object(let members) = self { members } else { [] } }

    /// A whole number, also when it was written as `5.0`.
    package var intValue: Int? {
        switch self {
        case .integer(let value): Int(exactly: value)
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// An identifier or a set of permissions: a string of digits, or an integer.
    package var snowflake: UInt64? {
        switch self {
        case .string(let text):
            text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? UInt64(text) : nil
        case .integer(let value): UInt64(exactly: value)
        default: nil
        }
    }

    /// This object with the members of another added to it.
    package func adding(_ other: JSON) -> JSON {
        var result = self
        for member in other.members { result[member.key] = member.value }
        return result
    }
}
