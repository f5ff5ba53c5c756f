import CRabbitMQ

/// Swift's values in the form of the library.
extension RabbitChannel {
    static func bytes(_ bytes: amqp_bytes_t) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len)
    }

    static func string(_ bytes: amqp_bytes_t) -> String {
        unsafe String(decoding: Self.bytes(bytes), as: UTF8.self)
    }

    /// The texts in the library's form, for the time of the call.
    @discardableResult
    static func withBytes<Result>(
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
    static func withTable<Result>(
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

    static func timeval(_ duration: Duration) -> timeval {
        let (seconds, attoseconds) = duration.components
        return CRabbitMQ.timeval(tv_sec: Int(seconds), tv_usec: .init(attoseconds / 1_000_000_000_000))
    }
}
