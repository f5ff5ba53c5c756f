import Core

extension JSONValue {
    /// The members of both; the right one's where both have one.
    static func + (left: JSONValue, right: JSONValue) -> JSONValue {
        guard case .object(let first) = left, case .object(let second) = right else { return right }
        return .object(first.merging(second) { $1 })
    }
}
