import CSQLite

/// A prepared statement, kept for its next use.
///
/// Owned by one `SQLiteHandle` and confined to its thread. `sqlite3_finalize` runs once, in deinit, before the handle
/// closes the connection.
@safe final class SQLiteStatement {
    private let pointer: OpaquePointer
    private let connection: OpaquePointer
    /// For each of SQLite's parameters, in the order in which it counts them, the index of its value: it numbers `$2`
    /// as its first one if it comes first in the text.
    private let parameters: [Int]
    private let valueCount: Int
    /// Whether it changes nothing in the database by itself.
    let isReadOnly: Bool
    /// Read at the first row: the tables may have changed since the statement was prepared.
    private var columns: [String] = []
    /// When it was used last, in uses of the cache.
    var lastUse = 0

    init(_ sql: String, on connection: OpaquePointer) throws {
        unsafe self.connection = connection
        var statement: OpaquePointer?
        var rest = 0
        var sql = sql
        let code = sql.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                var tail: UnsafePointer<CChar>?
                let code = unsafe sqlite3_prepare_v3(
                    connection, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT), &statement,
                    &tail)
                if let tail = unsafe tail, let start = text.baseAddress {
                    rest = unsafe text.count - (tail - start)
                }
                return code
            }
        }
        guard code == SQLITE_OK else {
            throw unsafe SQLiteFailure.error(code: code, cause: String(cString: sqlite3_errmsg(connection)))
        }
        guard let statement = unsafe statement else {
            throw StoreError(.invalidStatement, "The statement is empty.")
        }
        guard sql.utf8.suffix(rest).allSatisfy({ " \t\r\n;".utf8.contains($0) }) else {
            unsafe sqlite3_finalize(statement)
            throw StoreError(.invalidStatement, "One statement at a time: something follows the first.")
        }
        var parameters: [Int] = []
        let parameterCount = unsafe sqlite3_bind_parameter_count(statement)
        for index in 0..<parameterCount {
            let name = unsafe sqlite3_bind_parameter_name(statement, index + 1).map { unsafe String(cString: $0) }
            guard let name, name.hasPrefix("$"), let number = Int(name.dropFirst()), number >= 1 else {
                unsafe sqlite3_finalize(statement)
                throw StoreError(.invalidStatement, "Placeholders are $1, $2, and so on.")
            }
            parameters.append(number - 1)
        }
        unsafe self.pointer = statement
        isReadOnly = unsafe sqlite3_stmt_readonly(statement) != 0
        self.parameters = parameters
        self.valueCount = (parameters.max() ?? -1) + 1
    }

    deinit { unsafe sqlite3_finalize(pointer) }

    /// Runs the statement to its end and returns its rows.
    func run(_ values: [Value]) throws -> [Row] {
        guard values.count == valueCount else {
            throw StoreError(
                .invalidStatement, "The statement has \(valueCount) placeholders, but got \(values.count) values.")
        }
        defer {
            unsafe sqlite3_reset(pointer)
            unsafe sqlite3_clear_bindings(pointer)
        }
        for (index, parameter) in parameters.enumerated() { try bind(values[parameter], at: Int32(index + 1)) }
        var rows: [Row] = []
        while true {
            let code = unsafe sqlite3_step(pointer)
            switch code {
            case SQLITE_ROW:
                if rows.isEmpty { readColumns() }
                rows.append(Row(columns: columns, values: (0..<columns.count).map { value(at: Int32($0)) }))
            case SQLITE_DONE:
                return rows
            default:
                throw failure(code)
            }
        }
    }

    private func readColumns() {
        let count = unsafe sqlite3_column_count(pointer)
        let names = (0..<count).map { unsafe String(cString: sqlite3_column_name(pointer, $0)) }
        if names != columns { columns = names }
    }

    private func bind(_ value: Value, at index: Int32) throws {
        let code: Int32
        switch value {
        case .null: code = unsafe sqlite3_bind_null(pointer, index)
        case .integer(let integer): code = unsafe sqlite3_bind_int64(pointer, index, integer)
        case .real(let real): code = unsafe sqlite3_bind_double(pointer, index, real)
        case .text(var text):
            code = text.withUTF8 { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) {
                    unsafe csqlite_bind_text(pointer, index, $0.baseAddress, Int32($0.count))
                }
            }
        case .blob(let bytes):
            code = unsafe bytes.withUnsafeBytes {
                unsafe csqlite_bind_blob(pointer, index, $0.baseAddress, Int32($0.count))
            }
        }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func value(at index: Int32) -> Value {
        switch unsafe sqlite3_column_type(pointer, index) {
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(pointer, index))
        case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(pointer, index))
        case SQLITE_TEXT:
            guard let text = unsafe sqlite3_column_text(pointer, index) else { return .text("") }
            let count = Int(unsafe sqlite3_column_bytes(pointer, index))
            return unsafe .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let count = Int(unsafe sqlite3_column_bytes(pointer, index))
            return unsafe .blob(
                Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(pointer, index), count: count)))
        default: return .null
        }
    }

    private func failure(_ code: Int32) -> any Error {
        unsafe SQLiteFailure.error(code: code, cause: String(cString: sqlite3_errmsg(connection)))
    }
}
