import Core
import CRabbitMQ

/// A connection to the server with one channel, as rabbitmq-c keeps it. Belongs to one thread, blocks it while connecting,
/// declaring and sending, and is closed when this object is released.
@safe final class RabbitChannel {
    /// What the server sends of its own accord.
    enum Input {
        /// A message's body; `nil` if it was too long.
        case message([UInt8]?)
        /// A message that has to be settled.
        case delivery(RabbitDelivery)
        /// Messages with this number (and all before it, if `multiple`) are safe, or, if `refused`, lost.
        case confirmation(tag: UInt64, multiple: Bool, refused: Bool)
        /// The queue that was consumed from is gone.
        case consumerCancelled
    }

    /// A value in the arguments of a declaration.
    enum Argument {
        case text(String)
        case integer(Int64)
    }

    static let number: amqp_channel_t = 1
    let connection: amqp_connection_state_t
    let configuration: RabbitConfiguration
    /// The message that is being received.
    var assembly: Assembly?
    /// Whether messages have to be settled.
    var settlesMessages = false

    /// A message of which only a part has arrived.
    struct Assembly {
        /// `nil` if it's too long.
        var body: [UInt8]? = []
        /// Unknown until its header has arrived.
        var size: UInt64?
        var received: UInt64 = 0
        /// Set if it has to be settled.
        var delivery: RabbitDelivery?
    }

    /// Connects, signs in and opens the channel; blocks for at most the configuration's timeouts.
    /// - Throws: `RabbitError`: `.configuration` when the authorities can't be read, `.refused` when the server declines the
    ///   sign-in, otherwise `.unavailable`.
    init(_ configuration: RabbitConfiguration) throws(RabbitError) {
        guard let connection = unsafe amqp_new_connection() else { preconditionFailure("rabbitmq-c has no memory") }
        unsafe self.connection = unsafe connection
        self.configuration = configuration
        var timeout = Self.timeval(configuration.connectTimeout)
        var answerTimeout = Self.timeval(configuration.confirmTimeout)
        let socket: OpaquePointer?
        if let authorities = configuration.authorities {
            unsafe socket = unsafe amqp_ssl_socket_new(connection)
            unsafe amqp_ssl_socket_set_verify_peer(socket, 1)
            unsafe amqp_ssl_socket_set_verify_hostname(socket, 1)
            guard unsafe amqp_ssl_socket_set_cacert(socket, authorities) == AMQP_STATUS_OK.rawValue else {
                throw RabbitError(.configuration, "certificate authorities can't be read from \(authorities)")
            }
        } else {
            unsafe socket = unsafe amqp_tcp_socket_new(connection)
        }
        let status = unsafe amqp_socket_open_noblock(socket, configuration.host, Int32(configuration.port), &timeout)
        guard status == AMQP_STATUS_OK.rawValue else {
            throw RabbitError(
                .unavailable, "RabbitMQ can't be reached at \(configuration.address): \(Self.text(status))")
        }
        unsafe amqp_set_handshake_timeout(connection, &timeout)
        unsafe amqp_set_rpc_timeout(connection, &answerTimeout)
        let reply = unsafe Self.withTable([("connection_name", .text("tandem"))]) { table in
            unsafe tandem_amqp_login(
                connection, configuration.virtualHost, 131_072,
                Int32(max(1, configuration.heartbeat.components.seconds)), table, configuration.user,
                configuration.password.revealed)
        }
        try unsafe check(reply, "sign in as \(configuration.user) to \(configuration.virtualHost)")
        unsafe amqp_channel_open(connection, Self.number)
        try unsafe check(amqp_get_rpc_reply(connection), "open a channel")
    }

    deinit { unsafe amqp_destroy_connection(connection) }

    /// Ends the connection in good order, so that the server has processed everything that was sent.
    func close() { unsafe _ = amqp_connection_close(connection, Int32(AMQP_REPLY_SUCCESS)) }

    /// The socket, for waiting until there is something to read.
    var descriptor: Int32 { unsafe amqp_get_sockfd(connection) }
}
