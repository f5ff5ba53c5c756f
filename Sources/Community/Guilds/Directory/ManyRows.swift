import Store

/// Statements about many rows at a time.
///
/// Lists have one of a few lengths, so that a connection prepares few statements however many rows there are.
enum ManyRows {
    /// How many rows one statement writes or asks for at most.
    static let limit = 256
    private static let lengths = [256, 64, 16, 4, 1]

    /// The keys in parts, each as long as its statement's list: a key that is repeated does no harm there.
    static func lists(_ keys: some Collection<Value>) -> [[Value]] {
        parts(keys, of: limit).map { part in
            let length = lengths.last { $0 >= part.count } ?? limit
            return part + repeatElement(part[0], count: length - part.count)
        }
    }

    /// The rows in parts of the lengths that statements have.
    static func rows(_ rows: [[Value]]) -> [[[Value]]] {
        var rest = rows[...]
        var parts: [[[Value]]] = []
        while let length = lengths.first(where: { $0 <= rest.count }) {
            parts.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return parts
    }

    /// At most `size` elements each, in order.
    static func parts<Element>(_ elements: some Collection<Element>, of size: Int) -> [[Element]] {
        var rest = Array(elements)[...]
        var parts: [[Element]] = []
        while !rest.isEmpty {
            parts.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return parts
    }

    /// `$3, $4, $5`.
    static func places(_ count: Int, after fixed: Int) -> String {
        (1...count).map { "$\($0 + fixed)" }.joined(separator: ", ")
    }
}

extension Reading {
    /// All rows for any of the keys.
    ///
    /// - Parameters:
    ///   - fixed: the statement's first values.
    ///   - sql: makes the statement from the placeholders of the keys.
    func query(_ keys: some Collection<Value>, _ fixed: [Value] = [], _ sql: (String) -> String) async throws -> [Row] {
        var rows: [Row] = []
        for list in ManyRows.lists(keys) {
            rows += try await query(sql(ManyRows.places(list.count, after: fixed.count)), fixed + list)
        }
        return rows
    }
}

extension Transaction {
    /// Runs a statement for all of the keys.
    func enqueue(_ keys: some Collection<Value>, _ fixed: [Value] = [], _ sql: (String) -> String) async throws {
        for list in ManyRows.lists(keys) {
            try await enqueue(sql(ManyRows.places(list.count, after: fixed.count)), fixed + list)
        }
    }

    /// Inserts rows, or updates those that are there.
    ///
    /// - Parameter conflict: what follows `ON CONFLICT`. No two rows may conflict with one another.
    func upsert(_ rows: [[Value]], into table: String, _ columns: [String], conflict: String) async throws {
        for part in ManyRows.rows(rows) {
            let width = columns.count
            let places = part.indices.map { "(\(ManyRows.places(width, after: $0 * width)))" }
            try await enqueue(
                """
                INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(places.joined(separator: ", "))
                ON CONFLICT \(conflict)
                """, part.flatMap(\.self))
        }
    }
}

extension Identity {
    var value: Value { .integer(number) }
}
