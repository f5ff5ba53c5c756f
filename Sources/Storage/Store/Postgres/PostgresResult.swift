import CPostgres

/// The outcome of one statement.
struct PostgresOutcome: Sendable {
    var rows: [Row] = []
    /// Rows inserted, updated or deleted.
    var changed = 0
    /// Such as `COMMIT` or `INSERT 0 1`.
    var tag = ""

    /// Reads and copies a successful result.
    init(_ result: OpaquePointer) {
        tag = unsafe String(cString: PQcmdStatus(result))
        if tag.hasPrefix("INSERT") || tag.hasPrefix("UPDATE") || tag.hasPrefix("DELETE") || tag.hasPrefix("MERGE") {
            changed = unsafe Int(String(cString: PQcmdTuples(result))) ?? 0
        }
        let count = unsafe PQntuples(result)
        guard count > 0 else { return }
        let fields = unsafe PQnfields(result)
        let columns = (0..<fields).map { unsafe String(cString: PQfname(result, $0)) }
        let types = (0..<fields).map { unsafe PQftype(result, $0) }
        rows.reserveCapacity(Int(count))
        for row in 0..<count {
            let values = (0..<fields).map { field -> Value in
                guard unsafe PQgetisnull(result, row, field) == 0 else { return .null }
                let bytes = unsafe UnsafeRawBufferPointer(
                    start: PQgetvalue(result, row, field), count: Int(PQgetlength(result, row, field)))
                return unsafe Self.value(bytes, type: types[Int(field)])
            }
            rows.append(Row(columns: columns, values: values))
        }
    }

    /// From the text form: https://www.postgresql.org/docs/15/catalog-pg-type.html names the numbers.
    static func value(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> Value {
        switch type {
        case 16: return .integer(unsafe bytes.first == UInt8(ascii: "t") ? 1 : 0)
        case 17: return .blob(unsafe blob(bytes))
        default: break
        }
        let text = unsafe String(decoding: bytes, as: UTF8.self)
        switch type {
        // int8, int2, int4, oid
        case 20, 21, 23, 26: return Int64(text).map { .integer($0) } ?? .text(text)
        // float4, float8
        case 700, 701: return Double(text).map { .real($0) } ?? .text(text)
        // numeric, such as the sum of int8
        case 1700: return Int64(text).map { .integer($0) } ?? Double(text).map { .real($0) } ?? .text(text)
        default: return .text(text)
        }
    }

    /// `\x` and hexadecimal digits.
    private static func blob(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        func nibble(_ digit: UInt8) -> UInt8 { digit < 0x3A ? digit & 0x0F : digit & 0x0F + 9 }
        return stride(from: 2, to: text.count - 1, by: 2).map {
            unsafe nibble(text[$0]) << 4 | nibble(text[$0 + 1])
        }
    }
}
