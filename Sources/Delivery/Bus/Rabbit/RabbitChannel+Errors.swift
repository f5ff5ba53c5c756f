import Core
import CRabbitMQ

/// The library's and the server's answers as errors.
extension RabbitChannel {
    func check(_ status: Int32, _ what: String) throws(RabbitError) {
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw RabbitError(.unavailable, "the connection to RabbitMQ failed to \(what): \(Self.text(status))")
    }

    func check(_ reply: amqp_rpc_reply_t, _ what: String) throws(RabbitError) {
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

    static func closing(_ method: amqp_method_t) -> String {
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

    static func text(_ status: Int32) -> String { unsafe String(cString: amqp_error_string2(status)) }
}
