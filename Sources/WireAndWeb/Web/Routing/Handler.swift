/// Answers a request. Runs on the connection's loop, so it must not block; it is cancelled when the client goes away.
package typealias Handler = @Sendable (Request) async throws -> Response

/// Wraps handlers: may change the request, answer itself, or change the response.
///
/// `next` never throws: an error of the handler has become a response by then. What a middleware itself throws becomes a
/// response in the same way.
package typealias Middleware = @Sendable (Request, _ next: Handler) async throws -> Response
