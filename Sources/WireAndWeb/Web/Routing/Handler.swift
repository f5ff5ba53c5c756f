/// Answers a request. Runs on the connection's loop: it must not block; it is cancelled when the client goes away.
package typealias Handler = @Sendable (Request) async throws -> Response

/// Stands around handlers: may change the request, answer itself, or change the answer.
///
/// `next` never throws an error of a handler: by then it has become an answer. What a middleware itself throws becomes an
/// answer in the same way.
package typealias Middleware = @Sendable (Request, _ next: Handler) async throws -> Response
