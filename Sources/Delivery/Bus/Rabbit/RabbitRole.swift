/// What a connection is used for. Every method is called on the connection's thread.
///
/// Errors: what a method throws ends the connection.
protocol RabbitRole: AnyObject, SendableMetatype {
    /// A connection has been opened: declare what is needed.
    func opened(_ channel: RabbitChannel) throws(RabbitError)
    func received(_ input: RabbitChannel.Input, on channel: RabbitChannel) throws(RabbitError)
    /// Nothing more has arrived for now.
    func inputEnded()
    /// Returns the moment at which to call this again even if nothing happens; throws when the connection has missed one.
    /// - Parameter now: the thread's time source's `now`.
    func deadline(at now: Duration) throws(RabbitError) -> Duration?
    /// The connection has been lost, or could not be made.
    func lost(_ error: RabbitError)
}
