import Core
import EventLoop
import Synchronization
import Wire

/// What lies between a WebSocket's loop and the tasks that use it: messages on their way in, and the tasks that wait.
final class WebSocketInbound: StreamObserver, Sendable {
    /// A send waits while more than this is on its way.
    private static let outboundBytes = 1024 * 1024

    private struct State {
        var messages = Deque<WebSocketMessage>()
        var reader: CheckedContinuation<WebSocketMessage?, any Error>?
        var writers: [CheckedContinuation<Void, any Error>] = []
        var enders: [CheckedContinuation<Void, Never>] = []
        var isPaused = false
        var closesItself = false
        var ending: WebSocketClosed?
    }

    private let limit: Int
    private let socket: LoopBound<WebSocket>
    private let state = Mutex(State())

    init(limit: Int, socket: LoopBound<WebSocket>) {
        precondition(limit > 0)
        self.limit = limit
        self.socket = socket
    }

    var ending: WebSocketClosed? { state.withLock { $0.ending } }

    // MARK: On the loop

    func received(_ message: WebSocketMessage) {
        let (reader, isFull) = state.withLock { state in
            if let reader = state.reader {
                state.reader = nil
                return (Optional(reader), false)
            }
            state.messages.append(message)
            state.isPaused = state.messages.count >= limit
            return (nil, state.isPaused)
        }
        reader?.resume(returning: message)
        if isFull { socket.value.pauseReading() }
    }

    func closed() {
        guard let closed = socket.value.ending else { preconditionFailure("a socket that is over says why") }
        let (reader, writers, enders, error) = state.withLock { state in
            state.ending = closed
            defer { (state.reader, state.writers, state.enders) = (nil, [], []) }
            return (state.reader, state.writers, state.enders, state.closesItself ? nil : closed)
        }
        if let error { reader?.resume(throwing: error) } else { reader?.resume(returning: nil) }
        for writer in writers { writer.resume(throwing: closed) }
        for ender in enders { ender.resume() }
    }

    func sent(queuedBytes: Int, _ continuation: CheckedContinuation<Void, any Error>) {
        let ending = state.withLock { state -> WebSocketClosed?? in
            if let ending = state.ending { return .some(ending) }
            guard queuedBytes > Self.outboundBytes else { return .some(nil) }
            state.writers.append(continuation)
            return nil
        }
        switch ending {
        case .some(let ending?): continuation.resume(throwing: ending)
        case .some(nil): continuation.resume()
        case nil: break
        }
    }

    func becameWritable() {
        let writers = state.withLock { state in
            defer { state.writers = [] }
            return state.writers
        }
        for writer in writers { writer.resume() }
    }

    // MARK: From tasks

    /// From now on the end is what this side wanted.
    func closing() { state.withLock { $0.closesItself = $0.closesItself || $0.ending == nil } }

    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.ending == nil { state.enders.append(continuation) }
                return state.ending != nil
            }
            if isOver { continuation.resume() }
        }
    }

    func next() async throws -> WebSocketMessage? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (result, resumes) = state.withLock { state -> (Result<WebSocketMessage?, any Error>?, Bool) in
                    if let message = state.messages.popFirst() {
                        let resumes = state.isPaused && state.messages.count <= limit / 2
                        if resumes { state.isPaused = false }
                        return (.success(message), resumes)
                    }
                    if let ending = state.ending {
                        return (state.closesItself ? .success(nil) : .failure(ending), false)
                    }
                    if Task.isCancelled { return (.success(nil), false) }
                    precondition(state.reader == nil, "one task reads a WebSocket's messages")
                    state.reader = continuation
                    return (nil, false)
                }
                if let result { continuation.resume(with: result) }
                if resumes { socket.loop.execute { [socket] in socket.value.resumeReading() } }
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }
}
