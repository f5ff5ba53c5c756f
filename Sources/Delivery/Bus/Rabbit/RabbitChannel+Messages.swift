import Core
import CRabbitMQ

/// Sending and receiving messages.
extension RabbitChannel {
    /// Hands a persistent JSON message to the server; blocks while the server doesn't read.
    /// - Throws: `RabbitError` when the connection is lost.
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

    /// Returns what has arrived next, without waiting; `nil` when there is nothing more. Also sends and expects the
    /// connection's heartbeats, so it must be called more than twice in each `heartbeat`.
    /// - Throws: `RabbitError` when the connection is lost or closed by the server.
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
            if assembly?.delivery != nil, let decoded = unsafe frame.payload.properties.decoded {
                unsafe read(decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee)
            }
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
        guard let assembly else { return nil }
        guard var delivery = assembly.delivery else { return .message(assembly.body) }
        delivery.body = assembly.body
        return .delivery(delivery)
    }

    /// What is needed of a message's properties, copied.
    private func read(_ properties: amqp_basic_properties_t) {
        let flags = unsafe properties._flags
        if flags & tandem_amqp_message_id_flag != 0 {
            assembly?.delivery?.messageID = unsafe Self.string(properties.message_id)
        }
        guard flags & tandem_amqp_headers_flag != 0, unsafe properties.headers.num_entries > 0 else { return }
        for index in 0..<Int(unsafe properties.headers.num_entries) {
            let entry = unsafe properties.headers.entries[index]
            // Texts, long or as bytes.
            guard unsafe [UInt8(ascii: "S"), UInt8(ascii: "x")].contains(entry.value.kind) else { continue }
            let name = unsafe Self.string(entry.key)
            assembly?.delivery?.headers[name.lowercased()] = unsafe Self.string(entry.value.value.bytes)
        }
    }

    private func received(_ method: amqp_method_t) throws(RabbitError) -> Input? {
        guard let decoded = unsafe method.decoded else { return nil }
        switch unsafe method.id {
        case tandem_amqp_deliver:
            assembly = Assembly()
            guard settlesMessages else { return nil }
            let deliver = unsafe decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            assembly?.delivery = RabbitDelivery(
                routingKey: unsafe Self.string(deliver.routing_key), isRedelivered: unsafe deliver.redelivered != 0,
                tag: unsafe deliver.delivery_tag)
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
}
