package import Core
package import EventLoop
package import Store
import Synchronization
package import Web
import Wire

/// Delivers the events of the bus to the streams of this process.
///
/// The hub itself only keeps the order: it takes numbered events from the bus, fills what the bus left out from the
/// event log, encodes each event once, and hands it to the shard of every loop. The shards do the rest.
package final class Hub: Service {
    package let name = "hub"
    package let epoch: String

    private let group: EventLoopGroup
    private let shards: [LoopBound<Shard>]
    private let eventLog: any EventLog
    private let history: History
    private let policy: any TopicPolicy
    private let configuration: HubConfiguration
    private let log: Log
    private let meters: HubMeters
    private let order: Mutex<Order>
    private let catchUps: AsyncStream<CatchUpOfShard>
    /// Yields when there is something to be read from the log for all.
    private let gaps: AsyncStream<Void>
    private let gapFound: AsyncStream<Void>.Continuation

    private struct Order {
        /// The last event that was handed to the shards.
        var position: Int64
        /// The highest number that the bus has mentioned.
        var announced: Int64
        var isFilling = false
        /// The bus spoke of the log while it was being read: what it meant may have come too late for that.
        var looksAgain = false
    }

    private struct CatchUpOfShard: Sendable {
        let shard: Int
        let request: CatchUp.Request
    }

    /// - Parameters:
    ///   - eventLog: where history comes from; the hub begins at its last number.
    ///   - policy: asked at subscription, at renewal, and whenever access was granted.
    package init(
        group: EventLoopGroup, eventLog: any EventLog, policy: any TopicPolicy,
        configuration: HubConfiguration = .init(),
        clock: WallClock = .system, log: Log, metrics: Metrics
    ) async throws {
        let (position, epoch) = (try await eventLog.lastNumber, eventLog.epoch)
        let meters = HubMeters(metrics)
        let (catchUps, catchUpAsked) = AsyncStream.makeStream(of: CatchUpOfShard.self)
        (gaps, gapFound) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        var shards: [LoopBound<Shard>] = []
        for (index, loop) in group.loops.enumerated() {
            shards.append(
                try await loop.submit {
                    let shard = Shard(
                        loop: loop, configuration: configuration, epoch: epoch, position: position, clock: clock,
                        meters: meters
                    ) { catchUpAsked.yield(CatchUpOfShard(shard: index, request: $0)) }
                    return LoopBound(shard, loop: loop)
                })
        }
        self.epoch = epoch
        self.group = group
        self.shards = shards
        self.eventLog = eventLog
        history = History(eventLog, length: configuration.replayBatch, capacity: configuration.replayMemory)
        self.policy = policy
        self.configuration = configuration
        self.log = log.labelled("hub")
        self.meters = meters
        self.order = Mutex(Order(position: position, announced: position))
        self.catchUps = catchUps
        metrics.gauge("tandem_hub_position", help: "The last event that was handed to the streams") { [weak self] in
            Int(self?.position ?? 0)
        }
    }

    /// The last event that was handed to the streams.
    package var position: Int64 { order.withLock { $0.position } }

    // MARK: Events

    /// Takes events from the bus: in any order, with repetitions, with gaps; an empty batch says that there may be more
    /// in the log than the bus brought. May be called on any thread; never blocks.
    package func receive(_ events: [Event]) {
        let fills = order.withLock { order in
            var next: [Event] = []
            for event in events {
                order.announced = max(order.announced, event.number)
                if event.number == order.position + 1 {
                    next.append(event)
                    order.position += 1
                }
            }
            hand(next)
            guard events.isEmpty || order.announced > order.position else { return false }
            guard !order.isFilling else {
                if events.isEmpty { order.looksAgain = true }
                return false
            }
            order.isFilling = true
            return true
        }
        if fills { gapFound.yield() }
    }

    /// To every shard, in order: called with the lock held, for that makes the order.
    private func hand(_ events: [Event]) {
        guard !events.isEmpty else { return }
        meters.received.increment(by: events.count)
        let encoded = events.map { EncodedEvent($0, epoch: epoch) }
        for (loop, shard) in zip(group.loops, shards) {
            loop.execute { shard.value.deliver(encoded) }
        }
    }

    /// Reads from the log what the bus announced but did not bring.
    private func fillGap() async {
        var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))
        while !Task.isCancelled {
            order.withLock { $0.looksAgain = false }
            do {
                let last = try await eventLog.lastNumber
                let position = order.withLock { order in
                    order.announced = max(order.announced, last)
                    return order.position
                }
                let events = try await eventLog.read(after: position, limit: configuration.replayBatch)
                let isDone = order.withLock { order in
                    let next = Array(events.drop { $0.number <= order.position })
                    // A number that the log no longer has can't be waited for: streams continue behind it.
                    if let last = next.last { order.position = last.number }
                    hand(next)
                    guard !order.looksAgain, events.isEmpty || order.position >= order.announced else {
                        return false
                    }
                    order.isFilling = false
                    order.announced = order.position
                    return true
                }
                if isDone { return }
            } catch {
                log.warning("the event log can't be read", ["error": "\(error)"])
                try? await Task.sleep(for: backoff.next())
            }
        }
        order.withLock { $0.isFilling = false }
    }

    // MARK: Streams

    /// Asks the policy what the principal may see of what it is interested in, and where its stream is to begin.
    ///
    /// - Parameter cursor: the client's `Last-Event-ID`, as it was sent.
    /// - Throws: what the policy throws.
    package func admit(_ principal: Principal, to interest: Interest, resumingAt cursor: String?) async throws
        -> Admission
    {
        let asOf = position
        let access = try await policy.access(of: principal, to: interest)
        return Admission(
            principal: principal, interest: interest, access: access, asOf: asOf, resume: try await resume(at: cursor))
    }

    private func resume(at text: String?) async throws -> Admission.Resume {
        guard let text, !text.isEmpty else { return .live }
        guard let cursor = Cursor(text) else { return .reset(reason: "malformed_cursor") }
        guard cursor.epoch == epoch else { return .reset(reason: "foreign_epoch") }
        let position = self.position
        if cursor.number == position { return .after(cursor.number) }
        if cursor.number > position {
            // The client may have seen an event on another node a moment before this one.
            return cursor.number <= (try await eventLog.lastNumber)
                ? .after(cursor.number) : .reset(reason: "unknown_cursor")
        }
        return .after(cursor.number)
    }

    /// The longest message that a client may send on a WebSocket; none means anything.
    private static let clientMessageBytes = 4096

    /// The answer that opens the stream: a WebSocket for who asks for one, otherwise an event stream.
    package func open(_ admission: Admission, for request: Request) -> Response {
        guard request.headers.lists("websocket", in: "upgrade") else {
            return .eventStream { self.attach($0, admission) }
        }
        var options = WebSocketOptions()
        options.maximumMessage = Self.clientMessageBytes
        return .webSocket(options) { self.attach($0, admission) }
    }

    /// Hands a stream to its shard. Call it on the stream's loop, once its head has been sent.
    package func attach(_ stream: EventStream, _ admission: Admission) {
        guard let loop = stream.loop else { return }
        shards[loop.index].value.attach(stream, admission)
    }

    /// Hands a WebSocket to its shard. Call it on the socket's loop, once the handshake has been sent.
    package func attach(_ socket: WebSocket, _ admission: Admission) {
        guard let loop = socket.loop else { return }
        shards[loop.index].value.attach(socket, admission)
    }

    /// Ends every stream with a `bye` that spreads the clients' return over `period`.
    package func drain(over period: Duration) async {
        for (loop, shard) in zip(group.loops, shards) {
            try? await loop.submit { shard.value.drain(over: period) }
        }
    }

    // MARK: Work away from the loops

    /// Reads what the bus left out, and answers the shards' requests, a bounded number at a time, until cancelled. What
    /// happens now doesn't wait for those who catch up.
    package func run() async throws {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { for await _ in self.gaps { await self.fillGap() } }
            tasks.addTask { await self.answerCatchUps() }
        }
    }

    private func answerCatchUps() async {
        await withTaskGroup(of: Void.self) { tasks in
            var running = 0
            for await item in catchUps {
                if running >= configuration.concurrentCatchUps {
                    await tasks.next()
                    running -= 1
                }
                running += 1
                tasks.addTask { await self.answer(item.request, for: item.shard) }
            }
            tasks.cancelAll()
        }
    }

    private func answer(_ request: CatchUp.Request, for index: Int) async {
        let answer: CatchUp.Answer
        do {
            switch request.question {
            case .access: answer = .access(try await policy.access(of: request.principal, to: request.interest))
            case .history(let number): answer = try await history(after: number)
            }
        } catch {
            if !(error is CancellationError) { log.warning("a stream has to wait", ["error": "\(error)"]) }
            answer = .unavailable
        }
        let shard = shards[index]
        group.loops[index].execute { shard.value.resume(request.subscriber.value, with: answer) }
    }

    private func history(after number: Int64) async throws -> CatchUp.Answer {
        let events = try await history.events(after: number)
        let reachesBack = events.first.map { $0.number == number + 1 } ?? (number >= self.position)
        return reachesBack ? .history(events, complete: events.last?.number ?? number) : .historyGone
    }
}
