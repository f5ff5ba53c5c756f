import Core

/// An event of an event stream, as a browser's `EventSource` would dispatch it.
package struct SSEEvent: Sendable, Equatable {
    /// The last id that the stream has given, with this event or before; empty if none.
    package let id: String
    /// `message` where the stream names no type.
    package let event: String
    package let data: String

    package init(id: String, event: String, data: String) {
        self.id = id
        self.event = event
        self.data = data
    }
}

/// Reads an event stream by the rules of WHATWG HTML §9.2.6, from its first byte on. Feed it with `append`, then call `next`
/// until it returns `nil`. An event that the stream's end cuts off is dropped, as the rules require.
package struct SSEParser: Sendable {
    /// What a stream consists of.
    package enum Part: Sendable, Equatable {
        case event(SSEEvent)
        case comment(String)
        /// How many milliseconds to wait before connecting again.
        case retry(Int)
    }

    /// An event or a line is longer than the caller accepts. The parser stays failed.
    package struct TooLarge: CodedError, Equatable {
        package let code = "event_too_large"
        package let message = "The event stream holds an event that is larger than accepted."
    }

    private var limit: Int
    private var buffer = InputBuffer()
    private var scanned = 0
    private var skipsLineFeed = false
    private var isAtStart = true
    private var hasFailed = false
    /// Counts only from the empty line on: an event that is cut off must not move the place to resume from.
    private var pendingID: String
    private var event = ""
    private var data: [UInt8]?

    /// What to send as `Last-Event-ID` when connecting again; empty if the stream has given none.
    package private(set) var lastEventID: String

    /// - Parameters:
    ///   - limit: the most bytes of one event's data, and of one line.
    ///   - lastEventID: what an earlier connection of the same source has left.
    package init(limit: Int = 1024 * 1024, lastEventID: String = "") {
        self.limit = limit
        self.lastEventID = lastEventID
        pendingID = lastEventID
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if !hasFailed { unsafe buffer.append(bytes) }
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        if !hasFailed { buffer.append(bytes) }
    }

    /// Returns the next part, or `nil` when more bytes are needed.
    ///
    /// - Throws: `TooLarge` for an event longer than the limit, and on every call after it.
    package mutating func next() throws(TooLarge) -> Part? {
        if hasFailed { throw TooLarge() }
        while let line = try nextLine() {
            if let part = try interpret(line) { return part }
        }
        return nil
    }

    /// The next line without its end, which may be LF, CR LF or CR.
    private mutating func nextLine() throws(TooLarge) -> ArraySlice<UInt8>? {
        if isAtStart {
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            let count = min(3, buffer.count)
            if buffer.slice(0..<count) == mark[..<count] {
                guard count == 3 else { return nil }
                buffer.consume(3)
            }
            isAtStart = false
        }
        if skipsLineFeed, !buffer.isEmpty {
            if buffer[0] == ASCII.lineFeed { buffer.consume(1) }
            skipsLineFeed = false
        }
        while scanned < buffer.count {
            let byte = buffer[scanned]
            if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
                guard scanned <= limit + 8 else { throw fail() }
                let line = buffer.slice(0..<scanned)
                buffer.consume(scanned + 1)
                scanned = 0
                skipsLineFeed = byte == ASCII.carriageReturn
                return line
            }
            scanned += 1
        }
        guard scanned <= limit + 8 else { throw fail() }
        return nil
    }

    private mutating func interpret(_ line: ArraySlice<UInt8>) throws(TooLarge) -> Part? {
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: ASCII.colon) ?? line.endIndex
        let name = line[..<colon]
        var value = line[colon...].dropFirst()
        if value.first == ASCII.space { value = value.dropFirst() }
        if name.isEmpty { return .comment(String(decoding: value, as: UTF8.self)) }
        switch String(decoding: name, as: UTF8.self) {
        case "event": event = String(decoding: value, as: UTF8.self)
        case "data":
            guard (data?.count ?? 0) + value.count <= limit else { throw fail() }
            if data == nil { data = [] } else { data?.append(ASCII.lineFeed) }
            data?.append(contentsOf: value)
        case "id": if !value.contains(0) { pendingID = String(decoding: value, as: UTF8.self) }
        case "retry":
            if let milliseconds = ASCII.decimal(value) { return .retry(milliseconds) }
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> Part? {
        defer {
            event = ""
            data = nil
        }
        lastEventID = pendingID
        guard let data else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        return .event(SSEEvent(id: lastEventID, event: event.isEmpty ? "message" : event, data: text))
    }

    private mutating func fail() -> TooLarge {
        hasFailed = true
        buffer.removeAll()
        data = nil
        return TooLarge()
    }
}
