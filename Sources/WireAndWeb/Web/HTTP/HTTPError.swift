import Core
package import Wire

/// An answer that a handler or middleware throws instead of returning it.
///
/// It becomes `{"error":{"code","message"}}` with its status. The message is shown to users.
package struct HTTPError: CodedError {
    package let status: Int
    package let code: String
    package let message: String
    /// Sent with the answer, such as `Retry-After` or `Allow`.
    package let headers: Headers

    package init(_ status: Int, _ code: String, _ message: String, headers: Headers = [:]) {
        precondition((400...599).contains(status))
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }
}
