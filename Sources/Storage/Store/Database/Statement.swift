/// A statement with its values for `$1`, `$2`, … in this order, exactly as many as the statement has.
package struct Statement: Sendable {
    package let sql: String
    package let values: [Value]

    package init(_ sql: String, _ values: [Value] = []) {
        self.sql = sql
        self.values = values
    }
}
