/// Answers a request. Runs on the connection's loop, so it must not block; it is cancelled when the client goes away.
package typealias Handler = @Sendable (Request) async throws -> Response

/// Answers a request at once, on the connection's loop and without a task; `nil` leaves it to the route's `Handler`, as if
/// nothing had happened.
package typealias DirectHandler = @Sendable (Request) -> Response?

/// Sees every request with its response as it leaves, whoever made it, and may add to the response. It can't wait.
///
/// `started` is when the request was complete, on the router's clock.
package typealias Finisher = @Sendable (_ request: Request, _ response: inout Response, _ started: Duration) -> Void
