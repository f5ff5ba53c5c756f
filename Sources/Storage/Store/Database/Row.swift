/// One row of a result: values by column name.
package struct Row: Sendable {
    /// The names of the columns, shared by all rows of one result.
    package let columns: [String]
    package let values: [Value]

    package init(columns: [String], values: [Value]) {
        precondition(columns.count == values.count)
        self.columns = columns
        self.values = values
    }

    /// The value of the column `name`, as a `type`: `try row["id", as: Int64.self]`, `try row["note", as: String?.self]`.
    ///
    /// - Throws: `StoreError` of kind `.decoding` when there is no such column or its value is of another kind.
    package subscript<T: ColumnValue>(_ name: String, as type: T.Type = T.self) -> T {
        get throws(StoreError) {
            guard let index = columns.firstIndex(of: name) else {
                throw StoreError(
                    .decoding,
                    "The result has no column named \"\(name)\"; it has \(columns.joined(separator: ", ")).")
            }
            guard let value = T(columnValue: values[index]) else {
                throw StoreError(
                    .decoding, "The column \"\(name)\" holds \(values[index].kind), which is not of type \(T.self).")
            }
            return value
        }
    }
}
