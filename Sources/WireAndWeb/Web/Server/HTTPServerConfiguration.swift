package import Crypto
package import EventLoop
package import Wire

/// What an HTTP server listens on and how much it lets clients do.
package struct HTTPServerConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 takes a free port, which `start` returns.
    package var port = 0
    package var tls: TLSContext?
    package var listener = Listener.Configuration()
    /// When there are more connections, those that have waited longest for a request are closed; if none waits, the new one is
    /// answered 503 and closed. Streams and requests under way keep their place.
    package var maximumConnections = 50_000
    /// Connections of one address (of IPv6, one /64), beyond which it is answered 429; 0: any number. Of the clients of trusted
    /// proxies their event streams and WebSockets are counted.
    package var connectionsPerAddress = 0
    /// What every request keeps to. Its body keeps to its route's limit too (`RouterMethods.group`), and isn't read at all if no
    /// route takes it.
    package var requestLimits = HTTPLimits()
    /// The bytes that long bodies take together while they arrive and are handled; beyond that a request is answered 503.
    package var bodyBudget = 64 * 1024 * 1024
    /// How long a kept connection may be silent between requests. Longer than proxies keep theirs (nginx: 60 s), so that none
    /// sends a request on a connection that is being closed.
    package var idleTimeout: Duration = .seconds(75)
    /// How long the head of a request may take from its first byte (or from the connection's beginning).
    package var headTimeout: Duration = .seconds(10)
    /// How long the body may take.
    package var bodyTimeout: Duration = .seconds(30)
    /// How long a handler may take to answer, and a body that is produced from one piece to the next. Then the handler is
    /// cancelled, the client sent 503 `handler_timeout` (or cut off, if its response has begun) and the connection closed. Streams
    /// and WebSockets last as long as they like. Shorter than proxies wait (nginx: 60 s), so that the client gets our response.
    package var handlerTimeout: Duration = .seconds(50)
    /// How long a client may read nothing of a response that waits for it.
    package var writeTimeout: Duration = .seconds(30)
    /// Bytes of further requests that are read while one is being answered; then reading pauses.
    package var readAhead = 64 * 1024
    /// How long requests in flight and streams may take to end when the server stops.
    package var drainTimeout: Duration = .seconds(10)
    /// How long connections that are kept, or have just been made, may still send a request when the server stops. Each response
    /// says that it's the last, so a proxy, which may be sending at this moment, is not cut off.
    package var lastRequestTimeout: Duration = .zero
    package var trustedProxies = TrustedProxies()

    package init() {}
}
