import Core
package import Wire

/// A response that a handler or middleware throws instead of returning it.
///
/// It becomes `{"error":{"code","message"}}` with its status, and with `fields` where there are any. The message is shown to
/// users.
package struct HTTPError: CodedError {
    /// What is wrong with one field of what the client submitted.
    package struct Field: Hashable, Sendable, Encodable {
        /// The field's name, as it is called in JSON.
        package let field: String
        /// One sentence that says what is wrong and what would be right.
        package let message: String

        package init(_ field: String, _ message: String) {
            self.field = field
            self.message = message
        }
    }

    package let status: Int
    package let code: String
    package let message: String
    package let fields: [Field]
    /// Sent with the response, such as `Retry-After` or `Allow`.
    package let headers: Headers

    package init(_ status: Int, _ code: String, _ message: String, fields: [Field] = [], headers: Headers = [:]) {
        precondition((400...599).contains(status))
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.headers = headers
    }
}
