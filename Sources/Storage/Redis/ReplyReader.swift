import CHiredis
import Core

/// Cuts the server's bytes into replies: hiredis' reader, which owns its memory and is freed once, with this object.
@safe final class ReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let limit: Int
    /// How many bytes have come since the last whole reply.
    private var unfinished = 0

    /// - Parameter limit: the longest reply that is accepted, in bytes.
    init(limit: Int) {
        guard let reader = unsafe redisReaderCreate() else { preconditionFailure("hiredis has no memory") }
        unsafe self.reader = unsafe reader
        self.limit = limit
    }

    deinit { unsafe redisReaderFree(reader) }

    func append(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        guard let start = bytes.baseAddress else { return }
        unfinished += bytes.count
        guard unsafe redisReaderFeed(reader, start.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK else {
            throw failure
        }
    }

    /// The next reply that is complete.
    func next() throws(RedisError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure }
        guard let object = unsafe object else {
            guard unfinished <= limit else {
                throw RedisError(.unexpected, "the Redis server's answer is longer than \(limit) bytes")
            }
            return nil
        }
        defer { unsafe freeReplyObject(object) }
        unfinished = unsafe reader.pointee.len - reader.pointee.pos
        return unsafe Self.reply(object.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private var failure: RedisError {
        let text = unsafe withUnsafeBytes(of: &reader.pointee.errstr) { text in
            unsafe String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisError(.unexpected, "the server doesn't speak as Redis does: \(text)")
    }

    private static func reply(_ reply: redisReply) -> RedisReply {
        switch unsafe reply.type {
        case REDIS_REPLY_STRING: unsafe .bytes(Array(bytes(reply)))
        case REDIS_REPLY_STATUS: unsafe .status(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: unsafe .error(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER: unsafe .integer(reply.integer)
        case REDIS_REPLY_ARRAY:
            unsafe .array((0..<reply.elements).map { unsafe Self.reply(reply.element[$0]!.pointee) })
        default: .null
        }
    }

    private static func bytes(_ reply: redisReply) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: reply.str, count: reply.len)
    }
}
