import Core
import CRabbitMQ

/// One connection to the server with one channel, as rabbitmq-c keeps it. Belongs to one thread, blocks it while connecting,
/// declaring and sending, and is closed when this object goes.
@safe final class RabbitChannel {
    /// What the server sends of its own accord.
    enum Input {
        /// A message's body; `nil` if it was too long.
        case message([UInt8]?)
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

    private static let number: amqp_channel_t = 1
    private let connection: amqp_connection_state_t
    private let configuration: RabbitConfiguration
    private var assembly: Assembly?

    /// A message of which not all has come.
    private struct Assembly {
        /// `nil` if it's too long.
        var body: [UInt8]? = []
        /// Unknown until its header has come.
        var size: UInt64?
        var received: UInt64 = 0
    }

    /// Connects, signs in and opens the channel.
    init(_ configuration: RabbitConfiguration) throws(RabbitError) {
        guard let connection = unsafe amqp_new_connection() else { preconditionFailure("rabbitmq-c has no memory") }
        unsafe self.connection = unsafe connection
        self.configuration = configuration
        var timeout = Self.timeval(configuration.connectTimeout)
        var patience = Self.timeval(configuration.confirmTimeout)
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
        unsafe amqp_set_rpc_timeout(connection, &patience)
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

    /// Ends the connection in good order, so that the server has dealt with all that was sent.
    func close() { unsafe _ = amqp_connection_close(connection, Int32(AMQP_REPLY_SUCCESS)) }

    /// The socket, for waiting until there is something to read.
    var descriptor: Int32 { unsafe amqp_get_sockfd(connection) }

    // MARK: Declarations

    func declareTopicExchange(_ name: String) throws(RabbitError) {
        unsafe Self.withBytes(name, "topic") { name, type in
            unsafe amqp_exchange_declare(connection, Self.number, name, type, 0, 1, 0, 0, amqp_empty_table)
        }
        try unsafe check(amqp_get_rpc_reply(connection), "declare the exchange \(name)")
    }

    /// A queue that goes with the connection.
    /// - Returns: the name that the server has given it.
    func declareOwnQueue(_ arguments: [(String, Argument)]) throws(RabbitError) -> String {
        let answer = unsafe Self.withTable(arguments) { table in
            unsafe amqp_queue_declare(connection, Self.number, amqp_empty_bytes, 0, 0, 1, 1, table.pointee)
        }
        try unsafe check(amqp_get_rpc_reply(connection), "declare a queue")
        guard let answer = unsafe answer else { throw RabbitError(.unavailable, "RabbitMQ did not answer") }
        return unsafe String(decoding: Self.bytes(answer.pointee.queue), as: UTF8.self)
    }

    func bind(queue: String, exchange: String, key: String) throws(RabbitError) {
        unsafe Self.withBytes(queue, exchange) { queue, exchange in
            unsafe Self.withBytes(key, "") { key, _ in
                unsafe _ = amqp_queue_bind(connection, Self.number, queue, exchange, key, amqp_empty_table)
            }
        }
        try unsafe check(amqp_get_rpc_reply(connection), "bind \(queue) to \(exchange) by \(key)")
    }

    /// The server forgets each message at once.
    func consume(queue: String) throws(RabbitError) {
        unsafe Self.withBytes(queue, "") { queue, empty in
            unsafe _ = amqp_basic_consume(connection, Self.number, queue, empty, 0, 1, 0, amqp_empty_table)
        }
        try unsafe check(amqp_get_rpc_reply(connection), "consume from \(queue)")
    }

    func selectConfirms() throws(RabbitError) {
        unsafe _ = amqp_confirm_select(connection, Self.number)
        try unsafe check(amqp_get_rpc_reply(connection), "have messages confirmed")
    }

    // MARK: Messages

    /// Hands a persistent JSON message to the server. May wait until the server reads.
    func publish(
        _ body: [UInt8], exchange: String, key: String, id: String, type: String, time: Int64
    ) throws(RabbitError) {
        let status = unsafe Self.withBytes(exchange, key) { exchange, key in
            unsafe Self.withBytes("application/json", id) { format, id in
                unsafe Self.withBytes(type, "") { type, _ in
                    var properties = unsafe amqp_basic_properties_t()
                    unsafe properties._flags = tandem_amqp_event_flags
                    unsafe properties.content_type = unsafe format
                    unsafe properties.delivery_mode = 2
                    unsafe properties.message_id = unsafe id
                    unsafe properties.timestamp = UInt64(max(0, time / 1000))
                    unsafe properties.type = unsafe type
                    return unsafe body.withUnsafeBytes { body in
                        let bytes = unsafe amqp_bytes_t(
                            len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
                        return unsafe amqp_basic_publish(
                            connection, Self.number, exchange, key, 0, 0, &properties, bytes)
                    }
                }
            }
        }
        try check(status, "publish")
    }

    /// What has come, without waiting; `nil` when that is all. Also gives and expects the signs of life, so it's to be called
    /// more than twice in each `heartbeat`.
    func next() throws(RabbitError) -> Input? {
        while true {
            var frame = unsafe amqp_frame_t()
            var atOnce = Self.timeval(.zero)
            unsafe amqp_maybe_release_buffers(connection)
            let status = unsafe amqp_simple_wait_frame_noblock(connection, &frame, &atOnce)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            try check(status, "listen")
            guard unsafe frame.channel == Self.number || frame.frame_type == AMQP_FRAME_METHOD else { continue }
            if let input = unsafe try received(frame) { return input }
        }
    }

    /// Everything is copied: the frame's memory goes with the next one.
    private func received(_ frame: amqp_frame_t) throws(RabbitError) -> Input? {
        switch Int32(unsafe frame.frame_type) {
        case AMQP_FRAME_METHOD: return unsafe try received(frame.payload.method)
        case AMQP_FRAME_HEADER:
            guard assembly != nil else { return nil }
            let size = unsafe frame.payload.properties.body_size
            assembly?.size = size
            if size > UInt64(configuration.messageLimit) { assembly?.body = nil }
            return size == 0 ? finished() : nil
        case AMQP_FRAME_BODY:
            let bytes = unsafe Self.bytes(frame.payload.body_fragment)
            guard let size = assembly?.size else { return nil }
            assembly?.received += UInt64(bytes.count)
            unsafe assembly?.body?.append(contentsOf: bytes)
            return (assembly?.received ?? 0) >= size ? finished() : nil
        default: return nil
        }
    }

    private func finished() -> Input? {
        defer { assembly = nil }
        return assembly.map { .message($0.body) }
    }

    private func received(_ method: amqp_method_t) throws(RabbitError) -> Input? {
        guard let decoded = unsafe method.decoded else { return nil }
        switch unsafe method.id {
        case tandem_amqp_deliver:
            assembly = Assembly()
            return nil
        case tandem_amqp_ack:
            let ack = unsafe decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            return .confirmation(tag: ack.delivery_tag, multiple: ack.multiple != 0, refused: false)
        case tandem_amqp_nack:
            let nack = unsafe decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            return .confirmation(tag: nack.delivery_tag, multiple: nack.multiple != 0, refused: true)
        case tandem_amqp_cancel: return .consumerCancelled
        case tandem_amqp_channel_close, tandem_amqp_connection_close:
            throw RabbitError(.unavailable, "RabbitMQ closed the connection: \(unsafe Self.closing(method))")
        default: return nil
        }
    }

    // MARK: Errors

    private func check(_ status: Int32, _ what: String) throws(RabbitError) {
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw RabbitError(.unavailable, "the connection to RabbitMQ failed to \(what): \(Self.text(status))")
    }

    private func check(_ reply: amqp_rpc_reply_t, _ what: String) throws(RabbitError) {
        switch unsafe reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            throw RabbitError(.refused, "RabbitMQ refuses to \(what): \(unsafe Self.closing(reply.reply))")
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            throw RabbitError(
                .unavailable,
                "RabbitMQ at \(configuration.address) did not \(what): \(unsafe Self.text(reply.library_error))")
        default: throw RabbitError(.unavailable, "RabbitMQ closed the connection instead of answering (\(what))")
        }
    }

    private static func closing(_ method: amqp_method_t) -> String {
        guard let decoded = unsafe method.decoded else { return "no reason given" }
        switch unsafe method.id {
        case tandem_amqp_channel_close:
            let close = unsafe decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            return unsafe "\(close.reply_code) \(String(decoding: bytes(close.reply_text), as: UTF8.self))"
        case tandem_amqp_connection_close:
            let close = unsafe decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return unsafe "\(close.reply_code) \(String(decoding: bytes(close.reply_text), as: UTF8.self))"
        default: return "no reason given"
        }
    }

    private static func text(_ status: Int32) -> String { unsafe String(cString: amqp_error_string2(status)) }

    // MARK: Conversions

    private static func bytes(_ bytes: amqp_bytes_t) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len)
    }

    /// The texts in the library's form, for the time of the call.
    @discardableResult
    private static func withBytes<Result>(
        _ first: String, _ second: String, _ body: (amqp_bytes_t, amqp_bytes_t) -> Result
    ) -> Result {
        var (first, second) = (first, second)
        return first.withUTF8 { first in
            second.withUTF8 { second in
                unsafe body(
                    amqp_bytes_t(len: first.count, bytes: UnsafeMutableRawPointer(mutating: first.baseAddress)),
                    amqp_bytes_t(len: second.count, bytes: UnsafeMutableRawPointer(mutating: second.baseAddress)))
            }
        }
    }

    /// The arguments in the library's form, for the time of the call.
    private static func withTable<Result>(
        _ arguments: [(String, Argument)], _ body: (UnsafePointer<amqp_table_t>) -> Result
    ) -> Result {
        func copy(_ text: String) -> amqp_bytes_t {
            unsafe text.withCString { unsafe amqp_bytes_malloc_dup(amqp_cstring_bytes($0)) }
        }
        var entries = unsafe [amqp_table_entry_t]()
        let texts: [(amqp_bytes_t, amqp_bytes_t)] = unsafe arguments.map { name, argument in
            let value = if case .text(let text) = argument { text } else { "" }
            return unsafe (copy(name), copy(value))
        }
        defer {
            for unsafe(name, value) in unsafe texts {
                unsafe amqp_bytes_free(name)
                unsafe amqp_bytes_free(value)
            }
        }
        for (index, argument) in arguments.enumerated() {
            var entry = unsafe amqp_table_entry_t()
            unsafe entry.key = unsafe texts[index].0
            switch argument.1 {
            case .text:
                unsafe entry.value.kind = UInt8(ascii: "S")
                unsafe entry.value.value.bytes = unsafe texts[index].1
            case .integer(let number):
                unsafe entry.value.kind = UInt8(ascii: "l")
                unsafe entry.value.value.i64 = number
            }
            unsafe entries.append(entry)
        }
        return unsafe entries.withUnsafeMutableBufferPointer { entries in
            var table = unsafe amqp_table_t(num_entries: Int32(entries.count), entries: entries.baseAddress)
            return unsafe withUnsafePointer(to: &table) { unsafe body($0) }
        }
    }

    private static func timeval(_ duration: Duration) -> timeval {
        let (seconds, attoseconds) = duration.components
        return CRabbitMQ.timeval(tv_sec: Int(seconds), tv_usec: .init(attoseconds / 1_000_000_000_000))
    }
}
