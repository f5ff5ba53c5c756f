package import Core
package import EventLoop
package import Store
import Synchronization
package import Web
import Wire

/// Delivers the events of the bus to the streams of this process.
///
/// The hub itself only keeps the order: it takes numbered events from the bus, reads what the bus left out from the event
/// log, encodes each event once, and hands it to the shard of every loop. The shards do the rest.
package final class Hub: Service {
    package let name = "hub"
    /// The event log's epoch, the first part of every cursor.
    package let epoch: String

    let group: EventLoopGroup
    let shards: [LoopBound<Shard>]
    /// What waits for each shard.
    let backlogs: [Backlog]
    let eventLog: any EventLog
    let history: History
    let policy: any TopicPolicy
    let configuration: HubConfiguration
    let time: TimeSource
    let log: Log
    let meters: HubMeters
    let memory: ReadMemory?
    let order: Mutex<EventOrder>
    let outage: Outage
    let streams: StreamCounts
    /// Requests that failed since the log was last told, and when it may be told again.
    let failures = Mutex<(count: Int, nextReport: Duration)>((0, .zero))
    /// The shards' requests, in two lanes, so that a grant that ends never waits behind replays.
    private let renewals: AsyncStream<ShardRequest>
    private let replays: AsyncStream<ShardRequest>
    private let admissions: Mutex<AdmissionRate>
    /// Rings when the log is to be read for all.
    let gapFound = Signal()
    private let gaps: AsyncStream<Void>

    /// - Parameters:
    ///   - eventLog: where history comes from; the hub begins at its last number.
    ///   - policy: asked at subscription, at renewal, and whenever access was granted.
    ///   - memory: learns of each event before any stream does, so that whoever asks because of an event isn't answered with
    ///     what was before it.
    ///   - time: dates the messages about streams themselves; what is due on a stream follows its loop's timers.
    /// - Throws: an error of the event log.
    package init(
        group: EventLoopGroup, eventLog: any EventLog, policy: any TopicPolicy, memory: ReadMemory? = nil,
        configuration: HubConfiguration = .init(),
        time: TimeSource = .system, log: Log, metrics: Metrics
    ) async throws {
        let (place, epoch) = (try await eventLog.lastPlace, eventLog.epoch)
        let meters = HubMeters(metrics)
        let (renewals, renewal) = AsyncStream.makeStream(
            of: ShardRequest.self, bufferingPolicy: .bufferingOldest(configuration.waitingCatchUps))
        let (replays, replay) = AsyncStream.makeStream(
            of: ShardRequest.self, bufferingPolicy: .bufferingOldest(configuration.waitingCatchUps))
        // From here on, so that a ring before `run` isn't lost.
        gaps = gapFound.listen()
        let streams = StreamCounts(limit: configuration.streamsPerPrincipal)
        self.streams = streams
        var shards: [LoopBound<Shard>] = []
        for (index, loop) in group.loops.enumerated() {
            shards.append(
                try await loop.submit {
                    let shard = Shard(
                        loop: loop, configuration: configuration, epoch: epoch, position: place.number, time: time,
                        meters: meters, streams: streams, shardCount: group.loops.count
                    ) { request in
                        let lane = if case .access = request.question { renewal } else { replay }
                        let result = lane.yield(ShardRequest(shard: index, request: request))
                        return if case .enqueued = result { true } else { false }
                    }
                    return LoopBound(shard, loop: loop)
                })
        }
        self.epoch = epoch
        self.group = group
        self.shards = shards
        let backlogs = shards.map { _ in Backlog(limit: configuration.backlogBytes) }
        self.backlogs = backlogs
        metrics.gauge("tandem_hub_backlog_bytes", help: "Events that were handed to loops and not taken yet") {
            backlogs.reduce(0) { $0 + $1.bytes }
        }
        self.eventLog = eventLog
        history = History(
            eventLog, policy, length: configuration.replayBatch, capacity: configuration.replayMemory)
        self.policy = policy
        self.memory = memory
        self.configuration = configuration
        self.time = time
        self.log = log.labelled("hub")
        self.meters = meters
        self.order = Mutex(EventOrder(at: place))
        memory?.begin(at: place.number)
        self.renewals = renewals
        self.replays = replays
        outage = Outage(eventLog, time: time, log: self.log)
        admissions = Mutex(AdmissionRate(perSecond: configuration.admissionsPerSecond))
        metrics.gauge("tandem_hub_position", help: "The last event that was handed to the streams") { [weak self] in
            Int(self?.position ?? 0)
        }
    }

    /// The last event that was handed to the streams.
    package var position: Int64 { order.withLock { $0.position } }

    // MARK: Streams

    /// Counts a stream in before `body` decides whether it may be opened, which costs more than to be told to come again. What
    /// `body` refuses takes nobody's place.
    ///
    /// - Throws: `HTTPError` 503 `too_many_new_streams` with `Retry-After`, beyond `HubConfiguration.admissionsPerSecond`; what
    ///   `body` throws.
    package func counting(_ body: () async throws -> Admission) async throws -> Admission {
        try takePlace()
        do {
            return try await body()
        } catch {
            admissions.withLock { $0.giveBack() }
            throw error
        }
    }

    private func takePlace() throws {
        guard let wait = admissions.withLock({ $0.admit(at: time.now) }) else { return }
        meters.turnedAway.increment()
        let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
        throw HTTPError(
            503, "too_many_new_streams",
            "Too many streams are being opened at this moment. Open this one again in \(seconds) s.",
            headers: ["retry-after": "\(seconds)"])
    }

    /// Asks the policy what the principal may see of its interest, and determines where its stream begins.
    ///
    /// - Parameters:
    ///   - cursor: the client's `Last-Event-ID`, as it was sent.
    ///   - mayReplay: asked when so many events of the log lie behind the cursor that they may have to be read; if not, the client
    ///     is told to fetch everything anew.
    /// - Throws: `HTTPError` 429 `too_many_streams` with `Retry-After`, beyond `HubConfiguration.streamsPerPrincipal`; an error of
    ///   the policy or of the event log.
    package func admit(
        _ principal: Principal, to interest: Interest, resumingAt cursor: String?,
        mayReplay: (_ events: Int64) -> Bool = { _ in true }
    ) async throws -> Admission {
        guard streams.hasRoom(for: principal.id) else {
            meters.turnedAway.increment()
            throw HTTPError(
                429, "too_many_streams",
                "You have \(configuration.streamsPerPrincipal) streams open, as many as one person may have. Close one first.",
                headers: ["retry-after": "10"])
        }
        let asOf = position
        let access = try await policy.access(of: principal, to: interest)
        let resume = try await resume(at: cursor, mayReplay)
        return Admission(principal: principal, interest: interest, access: access, asOf: asOf, resume: resume)
    }

    private func resume(at text: String?, _ mayReplay: (Int64) -> Bool) async throws -> Admission.Resume {
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
        let missed = position - cursor.number
        guard missed <= configuration.recentEvents || mayReplay(missed) else { return .reset(reason: "too_far_behind") }
        return .after(cursor.number)
    }

    /// The longest message that a client may send on a WebSocket; all are ignored.
    private static let clientMessageBytes = 4096

    /// Returns the response that opens the stream: a WebSocket if the request asks for one, otherwise an event stream.
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

    /// Ends every stream with a `bye` whose delays spread the clients' return over `period`, and each new one likewise.
    package func drain(over period: Duration) async {
        for (loop, shard) in zip(group.loops, shards) {
            try? await loop.submit { shard.value.drain(over: period) }
        }
    }

    // MARK: Work away from the loops

    /// Reads what the bus left out, and answers the shards' requests, a bounded number at a time, until cancelled. Live
    /// delivery doesn't wait for streams that catch up.
    /// - Throws: nothing; what fails is logged and tried again.
    package func run() async throws {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { for await _ in self.gaps { await self.fillGap() } }
            for lane in [self.renewals, self.replays] { tasks.addTask { await self.answer(lane) } }
            tasks.addTask { await self.memory?.prove { self.receive([]) } }
        }
    }
}
