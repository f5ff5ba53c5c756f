import CPostgres

extension Statement {
    /// What no server takes.
    func check() throws(PostgresFailure) {
        guard values.count <= 65_535 else {
            throw PostgresFailure(.invalidStatement, "A statement takes at most 65535 values, not \(values.count).")
        }
        guard !Self.holdsNull(sql) else { throw PostgresFailure(.invalidStatement, "The statement is wrong.") }
        for case .text(let text) in values where Self.holdsNull(text) {
            throw PostgresFailure(.constraintViolation, "Text can't hold the character U+0000.")
        }
    }

    private static func holdsNull(_ text: String) -> Bool {
        let isFound = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            guard let start = bytes.baseAddress else { return false }
            return unsafe memchr(start, 0, bytes.count) != nil
        }
        return isFound ?? text.utf8.contains(0)
    }

    /// Sends it to be run by the name under which it's prepared. Numbers and text go as text, which the server reads as the
    /// type that it expects there.
    func send(as name: String, on connection: OpaquePointer) -> Bool {
        var bytes: [CChar] = []
        var starts: [Int?] = []
        var lengths: [Int32] = []
        var formats: [Int32] = []
        for value in values {
            let start = bytes.count
            var format: Int32 = 0
            switch value {
            case .null: break
            case .integer(let integer): bytes += String(integer).utf8CString
            case .real(let real): bytes += String(real).utf8CString
            case .text(let text): bytes += text.utf8CString
            case .blob(let blob):
                bytes += blob.map { CChar(bitPattern: $0) }
                format = 1
            }
            starts.append(value == .null ? nil : start)
            lengths.append(Int32(bytes.count - start))
            formats.append(format)
        }
        // An empty array may have no address, which would mean NULL.
        bytes.append(0)
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            let base = bytes.baseAddress!
            let pointers: [UnsafePointer<CChar>?] = unsafe starts.map { start in
                guard let start else { return nil }
                return unsafe base + start
            }
            return unsafe PQsendQueryPrepared(
                connection, name, Int32(values.count), pointers, lengths, formats, 0) == 1
        }
    }
}
