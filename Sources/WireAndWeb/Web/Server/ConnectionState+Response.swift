import Wire

/// Why a body that is produced while it is sent can't be sent as it should.
package enum BodyFault: Error {
    /// The pieces have more or fewer bytes than the declared length.
    case lengthMismatch
    /// A piece was written while another one waited.
    case concurrentWrites
}

extension ConnectionState {
    /// A response on its way.
    struct ResponseProgress {
        /// When it began, or last went on.
        var since: Duration
        /// Whether the connection closes after it.
        let isLast: Bool
        let isChunked: Bool
        /// What the declared length of a produced body still promises.
        var remaining: Int?
    }

    /// What heads are made with.
    package struct ResponseContext {
        /// The `Date` field's value.
        package var date: String
        /// Whether the server stops, so that no connection is kept.
        package var isDraining: Bool

        package init(date: String, isDraining: Bool) {
            self.date = date
            self.isDraining = isDraining
        }
    }

    /// Begins the response to the current request, whose body is known.
    ///
    /// - Parameter out: what to write is appended to it.
    /// - Returns: a body too long to be copied, to be written after that; otherwise nothing.
    package mutating func respond(
        _ response: Response, _ context: ResponseContext, now: Duration, to out: inout [UInt8]
    ) -> [UInt8] {
        let method = request?.method ?? "GET"
        begin(response, framing(of: response, to: method), context, now: now, to: &out)
        let bytes = response.bytes
        if bytes.isEmpty || ResponseHead.isBodiless(status: response.status, to: method) { return [] }
        if bytes.count > Self.longestCopiedBody { return bytes }
        out += bytes
        return []
    }

    private static let longestCopiedBody = 16 * 1024

    /// Responds in the place of a handler, or to a request that isn't whole. Nothing more is handled on this connection.
    ///
    /// - Returns: what to write.
    package mutating func respondLast(_ response: Response, _ context: ResponseContext, now: Duration) -> [[UInt8]] {
        var head: [UInt8] = []
        let body = respond(response.setting("connection", "close"), context, now: now, to: &head)
        phase = .closing
        return [head, body]
    }

    /// Begins a response whose body is produced piece by piece.
    ///
    /// - Returns: the head, and whether a body follows.
    package mutating func respond(
        _ response: Response, producing length: Int?, _ context: ResponseContext, now: Duration
    ) -> (head: [UInt8], hasBody: Bool) {
        let request = request
        let isChunked = length == nil && request?.minorVersion ?? 0 > 0
        let framing: BodyFraming = length.map { .length($0) } ?? (isChunked ? .chunked : .untilClose)
        var head: [UInt8] = []
        begin(response, framing, remaining: length, context, now: now, to: &head)
        return (head, !ResponseHead.isBodiless(status: response.status, to: request?.method ?? "GET"))
    }

    /// Begins a response that lasts as long as the connection; `handOver` follows.
    package mutating func respondUntilClose(
        _ response: Response, _ context: ResponseContext, now: Duration
    ) -> [UInt8] {
        var head: [UInt8] = []
        begin(response, .untilClose, context, now: now, to: &head)
        return head
    }

    /// Takes a piece of a produced body.
    ///
    /// - Returns: what to write; nothing for an empty piece.
    /// - Throws: `BodyFault.lengthMismatch` when the body becomes longer than declared.
    package mutating func write(_ piece: [UInt8], now: Duration) throws(BodyFault) -> [UInt8] {
        guard case .responding(let head, var progress) = phase else { return [] }
        if let remaining = progress.remaining {
            guard piece.count <= remaining else { throw .lengthMismatch }
            progress.remaining = remaining - piece.count
        }
        progress.since = now
        phase = .responding(head, progress)
        return progress.isChunked ? ChunkedBody.chunk(piece) : piece
    }

    /// There is room for another piece of a produced body.
    package mutating func becameWritable(now: Duration) {
        guard case .responding(let head, var progress) = phase else { return }
        progress.since = now
        phase = .responding(head, progress)
    }

    /// Ends a produced body.
    ///
    /// - Returns: what to write.
    /// - Throws: `BodyFault.lengthMismatch` when the body is shorter than declared.
    package func endBody() throws(BodyFault) -> [UInt8] {
        guard case .responding(_, let progress) = phase else { return [] }
        guard progress.remaining ?? 0 == 0 else { throw .lengthMismatch }
        return progress.isChunked ? ChunkedBody.end : []
    }

    /// The response is complete.
    package mutating func responded(now: Duration) {
        guard case .responding(_, let progress) = phase else { return }
        phase = progress.isLast ? .closing : .idle(since: now, isFirst: false)
    }

    /// The head as it goes out, with the decision whether the connection is kept.
    private mutating func begin(
        _ response: Response, _ framing: BodyFraming, remaining: Int? = nil, _ context: ResponseContext, now: Duration,
        to out: inout [UInt8]
    ) {
        var own = [Headers.Field(name: "date", value: context.date)]
        let request = request
        let isKept =
            request?.keepsAlive == true && framing != .untilClose && !context.isDraining
            && !response.headers.lists("close", in: "connection")
        if !isKept {
            own.append(Headers.Field(name: "connection", value: "close"))
        } else if request?.minorVersion == 0 {
            own.append(Headers.Field(name: "connection", value: "keep-alive"))
        }
        if let request {
            phase = .responding(
                request,
                ResponseProgress(since: now, isLast: !isKept, isChunked: framing == .chunked, remaining: remaining))
        }
        ResponseSerializer.write(
            ResponseHead(status: response.status, headers: response.headers), own: own, framing: framing, to: &out)
    }

    private func framing(of response: Response, to method: String) -> BodyFraming {
        if response.status == 304 { return .none }
        guard method == "HEAD" else { return .length(response.bytes.count) }
        return response.headers["content-length"].flatMap { Int($0) }.map { .length($0) } ?? .none
    }
}
