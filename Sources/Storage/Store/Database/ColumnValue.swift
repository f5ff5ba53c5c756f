/// A Swift type that can be bound to a placeholder and read from a column.
package protocol ColumnValue: Sendable {
    var columnValue: Value { get }
    /// Nil when `value` is of another kind or out of range; there are no silent conversions.
    init?(columnValue value: Value)
}

extension Int64: ColumnValue {
    package var columnValue: Value { .integer(self) }
    package init?(columnValue value: Value) {
        guard case .integer(let integer) = value else { return nil }
        self = integer
    }
}

extension Int: ColumnValue {
    package var columnValue: Value { .integer(Int64(self)) }
    package init?(columnValue value: Value) {
        guard case .integer(let integer) = value, let exact = Int(exactly: integer) else { return nil }
        self = exact
    }
}

/// Stored as the integers 0 and 1.
extension Bool: ColumnValue {
    package var columnValue: Value { .integer(self ? 1 : 0) }
    package init?(columnValue value: Value) {
        switch value {
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension Double: ColumnValue {
    package var columnValue: Value { .real(self) }
    package init?(columnValue value: Value) {
        guard case .real(let real) = value else { return nil }
        self = real
    }
}

extension String: ColumnValue {
    package var columnValue: Value { .text(self) }
    package init?(columnValue value: Value) {
        guard case .text(let text) = value else { return nil }
        self = text
    }
}

extension [UInt8]: ColumnValue {
    package var columnValue: Value { .blob(self) }
    package init?(columnValue value: Value) {
        guard case .blob(let bytes) = value else { return nil }
        self = bytes
    }
}

/// Nil is SQL's NULL.
extension Optional: ColumnValue where Wrapped: ColumnValue {
    package var columnValue: Value { self?.columnValue ?? .null }
    package init?(columnValue value: Value) {
        if case .null = value {
            self = .none
        } else if let wrapped = Wrapped(columnValue: value) {
            self = wrapped
        } else {
            return nil
        }
    }
}
