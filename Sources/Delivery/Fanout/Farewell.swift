import Wire

/// Why the server ends a stream: the `reason` of the last message, `bye`, and of a WebSocket's close frame.
///
/// Each `bye` also says after how long the client may reconnect (`reconnect_in_ms`). A stream that ends without one, by a
/// lost connection for example, is resumed with its cursor after a growing delay with jitter. `docs/protocol.md` has the
/// same table for clients.
enum Farewell: String {
    /// Sent to every stream when the process stops, and to a stream that is opened meanwhile.
    ///
    /// The client reconnects with its cursor after `reconnect_in_ms`, which differs from stream to stream so that they don't
    /// all return at once. Any process can take the stream over.
    case draining

    /// Sent when a stream that named its topics may no longer see any of them: the member was removed, a role was lost, or
    /// the grant could not be renewed.
    ///
    /// The client removes what it shows of these topics. It may try again after `reconnect_in_ms`; a 404 then means that
    /// access is still missing, and the client stays away until it is granted again. A stream that follows topics by prefix
    /// is not ended: it receives `revoked` for each of them.
    case revoked

    /// Sent when the session through which the stream was opened has ended: the user signed out in another tab, or the policy says
    /// so when the grant is renewed.
    ///
    /// The client does not resume. The user signs in again; a request with the old session is answered with 401.
    case signedOut = "signed_out"

    /// Sent when the client has left more than `HubConfiguration.queueLimit` bytes unread.
    ///
    /// The client reconnects with its cursor after `reconnect_in_ms` and receives what it missed; nothing is lost. One that
    /// is sent away again and again should follow fewer topics.
    case slow

    /// Sent to a stream whose principal opened more than `HubConfiguration.streamsPerPrincipal` at the same time; who has as many
    /// already gets no further one (429).
    ///
    /// The client closes another stream first, or shares one among its tabs, and may reconnect with its cursor after
    /// `reconnect_in_ms`.
    case tooManyStreams = "too_many_streams"

    /// The WebSocket close code: IANA's where there is one, otherwise the protocol's own.
    var closeCode: WebSocketCloseCode {
        switch self {
        case .draining: .serviceRestart
        case .signedOut: 4001
        case .revoked: 4003
        case .slow: 4008
        case .tooManyStreams: 4029
        }
    }
}
