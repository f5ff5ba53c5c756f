import Wire

/// One connection's side of HTTP/1.1 without the connection: bytes and times go in, what to do comes out. Requests are
/// handed out one at a time, in order; the next one only after the last is answered.
struct Exchange {
    enum Action {
        /// Nothing to do before more bytes arrive.
        case wait
        case sendContinue
        case handle(RequestHead, body: [UInt8])
        /// Answer with the error and end the connection.
        case refuse(HTTPParseError)
    }

    enum Lateness: Equatable {
        case inTime
        /// Nobody is owed an answer.
        case silent
        /// A request has begun: 408.
        case midRequest
        /// Its handler has answered nothing: 503.
        case unanswered
        /// An answer has begun and doesn't go on.
        case midAnswer
    }

    private enum Phase {
        case between(since: UInt64, isFirst: Bool)
        case head(since: UInt64)
        case body(RequestHead, [UInt8], since: UInt64)
        case handling(since: UInt64)
        case answering(since: UInt64, isLast: Bool)
        case over
    }

    /// In milliseconds.
    struct Timeouts {
        let idle: UInt64
        let head: UInt64
        let body: UInt64
        let handler: UInt64
    }

    private var parser: RequestParser
    private var phase: Phase
    private let timeouts: Timeouts
    /// The client waits with its body. Only one that will be taken is asked for: the parser has refused others by then.
    private var owesContinue = false

    init(limits: HTTPLimits, timeouts: Timeouts, now: UInt64) {
        parser = RequestParser(limits: limits)
        phase = .between(since: now, isFirst: true)
        self.timeouts = timeouts
    }

    /// Bytes of requests that are not handed out yet.
    var bufferedBytes: Int { parser.bufferedBytes }

    /// Whether the connection can be closed without anyone missing an answer.
    var isBetweenRequests: Bool {
        if case .between = phase { parser.isIdle } else { false }
    }

    mutating func received(_ bytes: UnsafeRawBufferPointer) { unsafe parser.append(bytes) }

    /// What to do now. Call again after each action but `.wait`, and after `answered`.
    mutating func next(now: UInt64) -> Action {
        do throws(HTTPParseError) {
            return try advance(now)
        } catch {
            phase = .over
            return .refuse(error)
        }
    }

    /// The answer to the request handed out last has begun. After the last one nothing more is handed out.
    mutating func answerBegan(isLast: Bool, now: UInt64) {
        if case .handling = phase { phase = .answering(since: now, isLast: isLast) }
    }

    /// A piece of the answer has left, or there is room for another.
    mutating func answerProgressed(now: UInt64) {
        if case .answering(_, let isLast) = phase { phase = .answering(since: now, isLast: isLast) }
    }

    /// The request handed out last has its whole answer.
    mutating func answered(now: UInt64) {
        guard case .answering(_, let isLast) = phase else { return }
        phase = isLast ? .over : .between(since: now, isFirst: false)
    }

    /// Nothing more is read from this connection.
    mutating func stop() { phase = .over }

    /// What arrived after the request, for the protocol that the connection goes over to.
    mutating func takeRemaining() -> [UInt8] {
        phase = .over
        return parser.takeRemaining()
    }

    func lateness(now: UInt64) -> Lateness {
        switch phase {
        case .between(let since, let isFirst):
            now >= since + (isFirst ? timeouts.head : timeouts.idle) ? .silent : .inTime
        case .head(let since): now >= since + timeouts.head ? .midRequest : .inTime
        case .body(_, _, let since): now >= since + timeouts.body ? .midRequest : .inTime
        case .handling(let since): now >= since + timeouts.handler ? .unanswered : .inTime
        case .answering(let since, _): now >= since + timeouts.handler ? .midAnswer : .inTime
        case .over: .inTime
        }
    }

    private mutating func advance(_ now: UInt64) throws(HTTPParseError) -> Action {
        while true {
            switch phase {
            case .handling, .answering, .over: return .wait
            case .between, .head:
                guard case .head(let head)? = try parser.next() else {
                    if case .between = phase, !parser.isIdle { phase = .head(since: now) }
                    return .wait
                }
                phase = .body(head, [], since: now)
                owesContinue = head.expectsContinue
            case .body(let head, var body, let since):
                phase = .over
                switch try parser.next() {
                case nil where owesContinue:
                    owesContinue = false
                    phase = .body(head, body, since: since)
                    return .sendContinue
                case .body(let bytes):
                    if body.isEmpty { body = bytes } else { body += bytes }
                    phase = .body(head, body, since: since)
                case .end:
                    phase = .handling(since: now)
                    return .handle(head, body: body)
                case .head, nil:
                    phase = .body(head, body, since: since)
                    return .wait
                }
            }
        }
    }
}
