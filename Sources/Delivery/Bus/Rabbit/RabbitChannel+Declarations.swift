import Core
import CRabbitMQ

/// Declares what a connection needs on the server. Each call blocks until the server has answered.
///
/// Errors: each throws `RabbitError`, of kind `.refused` when the server answers with an error.
extension RabbitChannel {
    /// Declares a durable topic exchange.
    func declareTopicExchange(_ name: String) throws(RabbitError) {
        unsafe Self.withBytes(name, "topic") { name, type in
            unsafe amqp_exchange_declare(connection, Self.number, name, type, 0, 1, 0, 0, amqp_empty_table)
        }
        try unsafe check(amqp_get_rpc_reply(connection), "declare the exchange \(name)")
    }

    /// Declares a queue that exists as long as the connection.
    /// - Returns: the name that the server has given it.
    func declareOwnQueue(_ arguments: [(String, Argument)]) throws(RabbitError) -> String {
        let answer = unsafe Self.withTable(arguments) { table in
            unsafe amqp_queue_declare(connection, Self.number, amqp_empty_bytes, 0, 0, 1, 1, table.pointee)
        }
        try unsafe check(amqp_get_rpc_reply(connection), "declare a queue")
        guard let answer = unsafe answer else { throw RabbitError(.unavailable, "RabbitMQ did not answer") }
        return unsafe String(decoding: Self.bytes(answer.pointee.queue), as: UTF8.self)
    }

    /// Declares a durable queue.
    func declareQueue(_ name: String, _ arguments: [(String, Argument)]) throws(RabbitError) {
        unsafe Self.withBytes(name, "") { name, _ in
            unsafe Self.withTable(arguments) { table in
                unsafe _ = amqp_queue_declare(connection, Self.number, name, 0, 1, 0, 0, table.pointee)
            }
        }
        try unsafe check(amqp_get_rpc_reply(connection), "declare the queue \(name)")
    }

    /// Has at most `prefetch` of the queue's messages sent to this channel before they are settled.
    func consume(queue: String, prefetch: UInt16) throws(RabbitError) {
        unsafe _ = amqp_basic_qos(connection, Self.number, 0, prefetch, 0)
        try unsafe check(amqp_get_rpc_reply(connection), "limit what is sent from \(queue)")
        settlesMessages = true
        unsafe Self.withBytes(queue, "") { queue, empty in
            unsafe _ = amqp_basic_consume(connection, Self.number, queue, empty, 0, 0, 0, amqp_empty_table)
        }
        try unsafe check(amqp_get_rpc_reply(connection), "consume from \(queue)")
    }

    /// Tells the server that a message has been dealt with, or has it put with the dead letters.
    func settle(_ tag: UInt64, isAccepted: Bool) throws(RabbitError) {
        let status =
            isAccepted
            ? unsafe amqp_basic_ack(connection, Self.number, tag, 0)
            : unsafe amqp_basic_reject(connection, Self.number, tag, 0)
        try check(status, "settle a message")
    }

    /// Routes the exchange's messages whose routing keys match the pattern `key` to the queue.
    func bind(queue: String, exchange: String, key: String) throws(RabbitError) {
        unsafe Self.withBytes(queue, exchange) { queue, exchange in
            unsafe Self.withBytes(key, "") { key, _ in
                unsafe _ = amqp_queue_bind(connection, Self.number, queue, exchange, key, amqp_empty_table)
            }
        }
        try unsafe check(amqp_get_rpc_reply(connection), "bind \(queue) to \(exchange) by \(key)")
    }

    /// Has the queue's messages sent to this channel; the server forgets each as soon as it is sent.
    func consume(queue: String) throws(RabbitError) {
        unsafe Self.withBytes(queue, "") { queue, empty in
            unsafe _ = amqp_basic_consume(connection, Self.number, queue, empty, 0, 1, 0, amqp_empty_table)
        }
        try unsafe check(amqp_get_rpc_reply(connection), "consume from \(queue)")
    }

    /// Has the server confirm each message that is published from here on.
    func selectConfirms() throws(RabbitError) {
        unsafe _ = amqp_confirm_select(connection, Self.number)
        try unsafe check(amqp_get_rpc_reply(connection), "have messages confirmed")
    }
}
