package import Wire

/// One connection's side of HTTP/1.1 as a state machine: bytes, events and the time go in, what to do comes out. It touches no
/// socket, no task and no clock; `HTTPConnection` carries out what it decides.
///
/// Requests are handed out one at a time, in order: the next one only when the response before it is complete and has left.
package struct ConnectionState {
    /// What `HTTPConnection` has to do.
    package enum Action {
        /// Nothing to do before something else happens.
        case wait
        /// A body follows this head: decide by `takeBody` or `refuseBody`, then ask again.
        case admitBody(RequestHead)
        /// Send `100 Continue`, then ask again.
        case sendContinue
        /// Run the handler.
        case handle(RequestHead, body: [UInt8])
        /// Respond with the error by `respondLast`, to the request with this head if it has come that far.
        case refuse(HTTPParseError, RequestHead?)
        /// Close the connection: everything written has left, and no request follows.
        case close
    }

    /// What has taken longer than it may.
    package enum Overdue: Equatable {
        case nothing
        /// A client that has sent no part of a request: close.
        case silence
        /// A request that has begun: 408.
        case request
        /// A handler that hasn't responded: 503.
        case handler
        /// A body whose next piece doesn't come: abort.
        case body
        /// A client that reads nothing of what waits for it: abort.
        case client
    }

    enum Phase {
        case idle(since: Duration, isFirst: Bool)
        case readingHead(since: Duration)
        /// It hasn't been decided yet whether the body is read.
        case bodyAnnounced(RequestHead, since: Duration)
        case readingBody(RequestHead, [UInt8], since: Duration, owesContinue: Bool)
        case handling(RequestHead, since: Duration)
        case responding(RequestHead, ResponseProgress)
        /// The last response is complete; the connection closes when it has left.
        case closing
        /// The connection is closed, or belongs to a stream.
        case over
    }

    var phase: Phase
    private var parser: RequestParser
    /// The client sends no more, but a response may still go to it.
    package private(set) var clientHasEnded = false
    package private(set) var isReadingPaused = false
    /// The queue when it last became shorter, and when that was.
    private var sent: (queuedBytes: Int, since: Duration)

    /// - Parameter now: from an arbitrary origin, like every later `now`.
    package init(limits: HTTPLimits, now: Duration) {
        parser = RequestParser(limits: limits)
        phase = .idle(since: now, isFirst: true)
        sent = (0, now)
    }

    /// Whether a handler runs, or a response that it produces piece by piece.
    package var isBusy: Bool {
        switch phase {
        case .handling, .responding: true
        case .idle, .readingHead, .bodyAnnounced, .readingBody, .closing, .over: false
        }
    }

    /// Whether a handler runs whose response is still wanted.
    package var awaitsResponse: Bool { if case .handling = phase { true } else { false } }

    package var isOver: Bool { if case .over = phase { true } else { false } }

    /// Whether the connection can be closed without anybody missing a response.
    package var isIdle: Bool { idleSince != nil }

    /// Since when the connection has waited for a request; nil while it doesn't.
    package var idleSince: Duration? {
        if case .idle(let since, _) = phase, parser.isIdle { since } else { nil }
    }

    /// The request that is being answered, if there is one.
    package var request: RequestHead? {
        switch phase {
        case .handling(let head, _), .responding(let head, _): head
        case .idle, .readingHead, .bodyAnnounced, .readingBody, .closing, .over: nil
        }
    }

    // MARK: Reading

    /// Whether something of a further request has been read already.
    package var hasReadAhead: Bool { parser.bufferedBytes > 0 }

    package mutating func received(_ bytes: UnsafeRawBufferPointer) { unsafe parser.append(bytes) }

    package mutating func receivedEnd() { clientHasEnded = true }

    /// What to do now. Call again after each action but `.wait`, and whenever something has happened.
    ///
    /// - Parameter queuedBytes: what has been written and has not left yet.
    package mutating func next(queuedBytes: Int, now: Duration) -> Action {
        switch phase {
        case .handling, .responding, .over: return .wait
        case .closing: return queuedBytes == 0 ? .close : .wait
        case .idle, .readingHead, .bodyAnnounced, .readingBody:
            guard queuedBytes == 0 else { return .wait }
            let head = headRead
            do throws(HTTPParseError) {
                let action = try read(now)
                if case .wait = action, clientHasEnded { return .close }
                return action
            } catch {
                phase = .closing
                return .refuse(error, head)
            }
        }
    }

    /// Whether reading must now be paused (true) or resumed (false); nil while it can stay as it is. It pauses while more than
    /// `limit` bytes of further requests have been read and none of them can be handled.
    package mutating func changeReading(limit: Int, queuedBytes: Int) -> Bool? {
        let pauses = parser.bufferedBytes > limit && (isBusy || queuedBytes > 0)
        guard pauses != isReadingPaused else { return nil }
        isReadingPaused = pauses
        return pauses
    }

    /// The head of the request whose body is being read.
    package var headRead: RequestHead? { if case .readingBody(let head, _, _, _) = phase { head } else { nil } }

    /// How much has been read of a body.
    package var bodyBytes: Int { if case .readingBody(_, let body, _, _) = phase { body.count } else { 0 } }

    /// The body that was announced is to be read.
    ///
    /// - Parameter limit: how many bytes it may have.
    package mutating func takeBody(upTo limit: Int) {
        guard case .bodyAnnounced(let head, let since) = phase else { return }
        parser.limits.body = limit
        phase = .readingBody(head, [], since: since, owesContinue: head.expectsContinue)
    }

    /// Nobody wants the body that was announced: the request is answered without it, and is the connection's last.
    package mutating func refuseBody(now: Duration) -> RequestHead? {
        guard case .bodyAnnounced(var head, _) = phase else { return nil }
        head.headers["connection"] = "close"
        phase = .handling(head, since: now)
        return head
    }

    private mutating func read(_ now: Duration) throws(HTTPParseError) -> Action {
        while true {
            switch phase {
            case .bodyAnnounced, .handling, .responding, .closing, .over: return .wait
            case .idle, .readingHead:
                guard case .head(let head)? = try parser.next() else {
                    if case .idle = phase, !parser.isIdle { phase = .readingHead(since: now) }
                    return .wait
                }
                // Decided before `100 Continue` is sent, and before any of it is kept.
                if parser.expectsBody {
                    phase = .bodyAnnounced(head, since: now)
                    return .admitBody(head)
                }
                phase = .readingBody(head, [], since: now, owesContinue: false)
            case .readingBody(let head, var body, let since, let owesContinue):
                phase = .over
                switch try parser.next() {
                case nil where owesContinue:
                    phase = .readingBody(head, body, since: since, owesContinue: false)
                    return .sendContinue
                case .body(let bytes):
                    if body.isEmpty { body = bytes } else { body += bytes }
                    phase = .readingBody(head, body, since: since, owesContinue: owesContinue)
                case .end:
                    phase = .handling(head, since: now)
                    return .handle(head, body: body)
                case .head, nil:
                    phase = .readingBody(head, body, since: since, owesContinue: owesContinue)
                    return .wait
                }
            }
        }
    }

    // MARK: Time and end

    /// What has taken too long, so that it's to be given up.
    package mutating func overdue(
        _ limits: HTTPServerConfiguration, queuedBytes: Int, now: Duration
    ) -> Overdue {
        switch phase {
        case .idle(let since, let isFirst):
            if now >= since + (isFirst ? limits.headTimeout : limits.idleTimeout) { return .silence }
        case .readingHead(let since): if now >= since + limits.headTimeout { return .request }
        case .bodyAnnounced(_, let since), .readingBody(_, _, let since, _):
            if now >= since + limits.bodyTimeout { return .request }
        case .handling(_, let since): if now >= since + limits.handlerTimeout { return .handler }
        case .responding(_, let progress):
            // While something waits for the client, it's the client's turn.
            if now >= progress.since + limits.handlerTimeout, queuedBytes == 0 { return .body }
        case .closing, .over: break
        }
        if queuedBytes == 0 || queuedBytes != sent.queuedBytes {
            sent = (queuedBytes, now)
        } else if now >= sent.since + limits.writeTimeout {
            return .client
        }
        return .nothing
    }

    /// The connection is closed. False when it was over before.
    package mutating func close() -> Bool {
        if isOver { return false }
        phase = .over
        return true
    }

    /// The connection goes over to another protocol. Returns what arrived after the request.
    package mutating func handOver() -> [UInt8] {
        phase = .over
        return parser.takeRemaining()
    }
}
