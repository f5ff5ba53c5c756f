package import Core

/// Receives a connection's events. All methods are called on the connection's loop, and never from inside a call to the
/// connection itself: code that writes to many connections in a row isn't interrupted by one of them closing.
package protocol ConnectionHandler: AnyObject {
    /// Bytes from the peer, decrypted if the connection uses TLS. They are valid during the call only.
    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection)

    /// The peer sends no more, but may still read. Unless overridden, this closes the connection.
    func receivedEnd(on connection: Connection)

    /// What could not be written at once has all been taken by the system; `queuedBytes` is 0 again.
    func writable(on connection: Connection)

    /// The connection is over; the last call. `error` is `nil` if we or the peer closed it in good order.
    func closed(on connection: Connection, error: (any CodedError)?)
}

extension ConnectionHandler {
    package func receivedEnd(on connection: Connection) { connection.close() }
    package func writable(on connection: Connection) {}
}

/// What became of bytes handed to `Connection.write`.
package enum WriteOutcome: Sendable {
    /// The system has taken all of them.
    case written
    /// All will be sent; some of them wait until the peer reads.
    case queued
    /// None was taken, because more than `maximumQueuedBytes` would have waited.
    case overflow
    /// None was taken, because the connection no longer sends.
    case closed
}
