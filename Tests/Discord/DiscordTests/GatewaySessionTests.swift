import Core
import Discord
import Testing

/// Drives a session as its shell would.
private struct Bench {
    var session: GatewaySession
    var now = Duration.zero
    var randomness = Fixed(part: 0.5)
    var deadlines: [GatewaySession.Timer: Duration] = [:]

    /// In which the session waited for its turn.
    var buckets: [Int] = []

    init(shard: GatewaySession.Shard? = nil) {
        var configuration = GatewaySession.Configuration(token: Secret("a.b.c"))
        configuration.shard = shard
        session = GatewaySession(configuration)
    }

    /// The actions but for timers, which are kept.
    mutating func take(_ actions: [GatewaySession.Action]) -> [GatewaySession.Action] {
        actions.filter { action in
            switch action {
            case .arm(let timer, let moment):
                deadlines[timer] = moment
                return false
            case .disarm(let timer):
                deadlines[timer] = nil
                return false
            case .note: return false
            default: return true
            }
        }
    }

    mutating func receive(_ message: GatewayMessage) -> [GatewaySession.Action] {
        take(session.received(message, at: now, using: &randomness))
    }

    mutating func disconnect(_ code: Int?) -> [GatewaySession.Action] {
        take(session.disconnected(code: code, at: now, using: &randomness))
    }

    /// The gateway is found, and the turn to identify comes at once if the session waits for it.
    mutating func find(remaining: Int = 1000, resetAfter: Int = 0, concurrency: Int = 1) -> [GatewaySession.Action] {
        let actions = take(
            session.gatewayFound(
                GatewayBot(
                    url: "wss://main", shards: 1,
                    sessionStartLimit: .init(
                        total: 1000, remaining: remaining, resetAfter: resetAfter, maxConcurrency: concurrency)),
                at: now))
        guard case .takeTurn(let bucket)? = actions.first else { return actions }
        buckets.append(bucket)
        return take(session.turnCame())
    }

    mutating func fire(_ timer: GatewaySession.Timer) throws -> [GatewaySession.Action] {
        let moment = deadlines.removeValue(forKey: timer)
        now = max(now, try #require(moment))
        return take(session.fired(timer, at: now, using: &randomness))
    }

    /// From nothing to READY.
    mutating func becomeReady() {
        _ = take(session.started())
        _ = find()
        _ = take(session.connected(at: now))
        _ = receive(.hello(heartbeatInterval: 40_000))
        _ = receive(Self.ready)
    }

    /// Connected to where the session is kept, up to Hello.
    mutating func reconnect() -> [GatewaySession.Action] {
        _ = take(session.connected(at: now))
        return receive(.hello(heartbeatInterval: 40_000))
    }

    static let ready = GatewayMessage.dispatch(
        .ready(
            Ready(
                user: User(id: 1, username: "tandem"), sessionID: "s1", resumeGatewayURL: "wss://resume/",
                application: ReadyApplication(id: 1))), sequence: 1)

    static func event(_ number: Int) -> GatewayMessage {
        .dispatch(.guildDelete(UnavailableGuild(id: 1, unavailable: true)), sequence: number)
    }

    static let query = "/?v=10&encoding=json&compress=zlib-stream"
}

extension GatewaySession.Action {
    fileprivate var isIdentify: Bool { if case .send(.identify) = self { true } else { false } }
    fileprivate var isResume: Bool { if case .send(.resume) = self { true } else { false } }
}

struct GatewaySessionTests {
    @Test func `it finds the gateway, connects, identifies after Hello and is ready`() throws {
        var bench = Bench()
        #expect(bench.take(bench.session.started()) == [.findGateway])
        #expect(bench.find() == [.connect(url: "wss://main" + Bench.query)])
        #expect(bench.take(bench.session.connected(at: bench.now)) == [])
        let opening = bench.receive(.hello(heartbeatInterval: 40_000))
        guard case .send(.identify(let identify)) = try #require(opening.first) else {
            Issue.record("sent \(opening)")
            return
        }
        #expect(identify.intents == [.guilds, .guildMembers, .guildVoiceStates])
        #expect(identify.shard == nil)
        #expect(bench.receive(Bench.ready).count == 1)
        #expect(bench.session.phase == .ready)
        #expect(bench.deadlines[.answerTimeout] == nil)
    }

    @Test(arguments: [0, 0.5, 0.999])
    func `the first heartbeat comes after a random part of the interval`(part: Double) throws {
        var bench = Bench()
        bench.randomness = Fixed(part: part)
        bench.becomeReady()
        let first = try #require(bench.deadlines[.heartbeat])
        #expect(abs((first - .seconds(40) * part) / .seconds(1)) < 0.01)
        #expect(try bench.fire(.heartbeat) == [.send(.heartbeat(1))])
        #expect(bench.deadlines[.heartbeat] == bench.now + .seconds(40))
    }

    @Test func `a heartbeat is sent at once when asked for, with the last sequence number`() {
        var bench = Bench()
        bench.becomeReady()
        let due = bench.deadlines[.heartbeat]
        #expect(bench.receive(Bench.event(7)).count == 1)
        #expect(bench.receive(.heartbeat) == [.send(.heartbeat(7))])
        #expect(bench.deadlines[.heartbeat] == due)
    }

    @Test func `two heartbeats without an acknowledgement close with a code that keeps the session, and resume`() throws
    {
        var bench = Bench()
        bench.becomeReady()
        _ = bench.receive(Bench.event(5))
        #expect(try bench.fire(.heartbeat) == [.send(.heartbeat(5))])
        let actions = try bench.fire(.heartbeat)
        #expect(actions == [.close(.resuming), .connect(url: "wss://resume" + Bench.query)])
        #expect(![1000, 1001].contains(GatewayCloseCode.resuming.rawValue))
        let opening = bench.reconnect()
        #expect(opening == [.send(.resume(Resume(token: Token("a.b.c"), sessionID: "s1", seq: 5)))])
        _ = bench.receive(Bench.event(6))
        _ = bench.receive(.dispatch(.resumed, sequence: 7))
        #expect(bench.session.phase == .ready)
    }

    @Test func `heartbeats continue while they are acknowledged`() throws {
        var bench = Bench()
        bench.becomeReady()
        for _ in 0..<50 {
            #expect(try bench.fire(.heartbeat) == [.send(.heartbeat(1))])
            #expect(bench.receive(.heartbeatAcknowledged) == [])
        }
    }

    @Test func `a request to reconnect resumes at once, and before Hello too`() {
        var bench = Bench()
        bench.becomeReady()
        let expected: [GatewaySession.Action] = [.close(.resuming), .connect(url: "wss://resume" + Bench.query)]
        #expect(bench.receive(.reconnect) == expected)
        _ = bench.take(bench.session.connected(at: bench.now))
        // Not ready yet: wait a little, so that the two sides can't reconnect in a loop.
        #expect(bench.receive(.reconnect) == [.close(.resuming)])
        #expect(bench.deadlines[.connect] != nil)
    }

    @Test func `an invalid session that can be resumed is resumed after a pause`() throws {
        var bench = Bench()
        bench.becomeReady()
        #expect(bench.receive(.invalidSession(resumable: true)) == [.close(.resuming)])
        let rest = try #require(bench.deadlines[.connect]) - bench.now
        #expect(rest >= .seconds(1) && rest <= .seconds(5))
        #expect(try bench.fire(.connect) == [.connect(url: "wss://resume" + Bench.query)])
    }

    @Test func `an invalid session that can't be resumed identifies again on another connection`() throws {
        var bench = Bench()
        bench.becomeReady()
        _ = bench.receive(.reconnect)
        #expect(bench.reconnect().contains { $0.isResume })
        #expect(bench.receive(.invalidSession(resumable: false)) == [.close(.normal)])
        #expect(try bench.fire(.connect) == [.findGateway])
        #expect(bench.find() == [.connect(url: "wss://main" + Bench.query)])
        #expect(bench.buckets == [0, 0], "each new session waits for its turn")
        #expect(bench.reconnect().contains { $0.isIdentify })
    }

    @Test(arguments: [4004, 4010, 4011, 4012, 4013, 4014])
    func `a fatal close code stops with a sentence for a person`(code: Int) throws {
        var bench = Bench()
        bench.becomeReady()
        let actions = bench.disconnect(code)
        guard case .fail(let error) = try #require(actions.first) else {
            Issue.record("did \(actions)")
            return
        }
        #expect(error.code == "gateway_refused_\(code)")
        #expect(error.message.count > 30)
        #expect(bench.session.phase == .stopped)
        #expect(bench.deadlines.isEmpty)
    }

    @Test(arguments: [nil, 1001, 1006, 4000, 4001, 4002, 4009, 4999])
    func `these close codes are resumed at once`(code: Int?) {
        var bench = Bench()
        bench.becomeReady()
        #expect(bench.disconnect(code) == [.connect(url: "wss://resume" + Bench.query)])
        #expect(bench.reconnect().contains { $0.isResume })
    }

    @Test(arguments: [1000, 4003, 4005, 4007, 4008])
    func `these close codes need a new session`(code: Int) throws {
        var bench = Bench()
        bench.becomeReady()
        bench.now = .seconds(60)
        #expect(bench.disconnect(code) == [])
        #expect(try bench.fire(.connect) == [.findGateway])
        #expect(bench.find() == [.connect(url: "wss://main" + Bench.query)])
        #expect(bench.reconnect().contains { $0.isIdentify })
    }

    @Test(arguments: [(0, 1, 0), (4, 1, 0), (4, 3, 1), (5, 16, 5)])
    func `a shard waits for its turn in the bucket that Discord counts it in`(
        number: Int, concurrency: Int, bucket: Int
    ) throws {
        var bench = Bench(shard: GatewaySession.Shard(number: number, count: 6))
        _ = bench.take(bench.session.started())
        #expect(bench.session.turnCame().isEmpty, "it doesn't wait yet")
        #expect(bench.find(concurrency: concurrency) == [.connect(url: "wss://main" + Bench.query)])
        #expect(bench.buckets == [bucket])
        _ = bench.take(bench.session.connected(at: bench.now))
        guard case .send(.identify(let identify))? = bench.receive(.hello(heartbeatInterval: 40_000)).first else {
            Issue.record("it doesn't identify")
            return
        }
        #expect(identify.shard == [number, 6])
    }

    @Test func `a session that is stopped while it waits for its turn does nothing with it`() {
        var bench = Bench()
        _ = bench.take(bench.session.started())
        let limit = SessionStartLimit(total: 1, remaining: 1, resetAfter: 0, maxConcurrency: 1)
        _ = bench.session.gatewayFound(GatewayBot(url: "wss://main", shards: 1, sessionStartLimit: limit), at: .zero)
        #expect(bench.session.phase == .queueing)
        _ = bench.take(bench.session.stopped())
        #expect(bench.session.turnCame().isEmpty)
    }

    @Test func `with no sessions left it waits until Discord allows more`() throws {
        var bench = Bench()
        _ = bench.take(bench.session.started())
        #expect(bench.find(remaining: 0, resetAfter: 86_000_000) == [])
        #expect(bench.deadlines[.connect] == .seconds(86_000))
        #expect(try bench.fire(.connect) == [.findGateway])
    }

    @Test func `a refused token stops, an unreachable Discord does not`() throws {
        var bench = Bench()
        _ = bench.take(bench.session.started())
        let retry = bench.session.gatewayNotFound(isFatal: false, at: bench.now, using: &bench.randomness)
        #expect(bench.take(retry) == [])
        #expect(try bench.fire(.connect) == [.findGateway])
        let stop = bench.session.gatewayNotFound(isFatal: true, at: bench.now, using: &bench.randomness)
        #expect(bench.take(stop).contains { if case .fail = $0 { true } else { false } })
    }

    @Test func `failing to connect waits longer and longer, and forgets a host that is gone`() throws {
        var bench = Bench()
        bench.becomeReady()
        bench.randomness = Fixed(part: 0.999)
        #expect(bench.disconnect(nil) == [.connect(url: "wss://resume" + Bench.query)])
        var rests: [Duration] = []
        for attempt in 1...5 {
            #expect(bench.take(bench.session.connectFailed(at: bench.now, using: &bench.randomness)) == [])
            rests.append(try #require(bench.deadlines[.connect]) - bench.now)
            let next: GatewaySession.Action =
                attempt < 5 ? .connect(url: "wss://resume" + Bench.query) : .findGateway
            #expect(try bench.fire(.connect) == [next])
        }
        #expect(zip(rests, rests.dropFirst()).allSatisfy { $0 < $1 })
        #expect(rests.allSatisfy { $0 <= .seconds(60) })
    }

    @Test(arguments: [true, false])
    func `a host that accepts connections and never resumes is given up`(_ sendsHello: Bool) throws {
        var bench = Bench()
        bench.becomeReady()
        #expect(bench.disconnect(nil) == [.connect(url: "wss://resume" + Bench.query)])
        for attempt in 1...5 {
            if sendsHello {
                #expect(bench.reconnect().contains { $0.isResume })
                #expect(bench.disconnect(nil) == [])
            } else {
                _ = bench.take(bench.session.connected(at: bench.now))
                #expect(try bench.fire(.answerTimeout) == [.close(.resuming)])
            }
            let next: GatewaySession.Action =
                attempt < 5 ? .connect(url: "wss://resume" + Bench.query) : .findGateway
            #expect(try bench.fire(.connect) == [next])
        }
    }

    @Test func `a connection on which nothing arrives is closed`() throws {
        var bench = Bench()
        _ = bench.take(bench.session.started())
        _ = bench.find()
        _ = bench.take(bench.session.connected(at: bench.now))
        #expect(try bench.fire(.answerTimeout) == [.close(.resuming)])
        #expect(bench.deadlines[.connect] != nil)
    }

    @Test func `commands wait for READY and stay below the limit, heartbeats are sent before them`() throws {
        var bench = Bench()
        func request(_ number: Int) -> GatewayCommand {
            .requestMembers(RequestGuildMembers(guildID: Snowflake(rawValue: UInt64(number)), query: "", limit: 0))
        }
        #expect(bench.take(try bench.session.requested(request(0), at: bench.now)) == [])
        bench.becomeReady()
        var sent = 1
        for number in 1...200 { sent += bench.take(try bench.session.requested(request(number), at: bench.now)).count }
        #expect(sent == 109, "Identify is the hundred and tenth")
        #expect(bench.receive(.heartbeat) == [.send(.heartbeat(1))])
        let late = try bench.fire(.budget)
        #expect(bench.now == .seconds(65), "those before may have arrived some seconds late")
        #expect(late.count == 92)
        #expect(late.first == .send(request(109)))
    }

    @Test func `more commands than may wait are refused`() throws {
        var bench = Bench()
        for _ in 0..<4096 { _ = try bench.session.requested(.heartbeat(nil), at: .zero) }
        #expect(throws: GatewayError.self) { _ = try bench.session.requested(.heartbeat(nil), at: .zero) }
    }

    @Test func `a socket that takes no more texts is closed, and the session resumed`() {
        var bench = Bench()
        bench.becomeReady()
        let actions = bench.take(bench.session.stalled(at: bench.now, using: &bench.randomness))
        #expect(actions == [.close(.resuming), .connect(url: "wss://resume" + Bench.query)])
        #expect(bench.deadlines.isEmpty)
        #expect(bench.reconnect().contains { $0.isResume })
    }

    @Test func `stopping ends the session, so that the bot is offline at once`() {
        var bench = Bench()
        bench.becomeReady()
        #expect(bench.take(bench.session.stopped()) == [.close(.normal)])
        #expect(bench.receive(Bench.event(3)) == [])
        #expect(bench.deadlines.isEmpty)
    }
}
