import DiscordSandbox
import Synchronization
import TestSupport

/// A realm whose time stands still until a test moves it.
final class TestRealm: Sendable {
    private struct Pending {
        let due: Duration
        let work: @Sendable () -> Void
    }

    static let bot = RunningSandbox.applicationID

    let realm: Realm
    private let time: ManualTime
    private let pending: Pendings

    private final class Pendings: Sendable {
        let list = Mutex<[Pending]>([])
    }

    init(crowd: Seed.Crowd = Seed.Crowd(), concurrency: Int = 1, sessionStarts: Int = 1000) {
        let time = ManualTime()
        let pending = Pendings()
        self.time = time
        self.pending = pending
        let application = Application(
            id: Self.bot, name: "Tandem", clientSecret: RunningSandbox.secret,
            redirectURIs: [RunningSandbox.redirect], botToken: RunningSandbox.token, ownerID: Seed.Users.mira)
        var configuration = Realm.Configuration(application: application)
        configuration.crowd = crowd
        configuration.identifyConcurrency = concurrency
        configuration.sessionStarts = sessionStarts
        realm = Realm(
            configuration: configuration, time: time.source,
            schedule: { delay, work in
                pending.list.withLock { $0.append(Pending(due: time.now + delay, work: work)) }
            })
    }

    /// Moves time on and runs what falls due.
    func advance(by duration: Duration) {
        time.advance(by: duration)
        let now = time.now
        let due = pending.list.withLock { list in
            let due = list.filter { $0.due <= now }
            list.removeAll { $0.due <= now }
            return due
        }
        for pending in due { pending.work() }
    }

    /// A REST request by the bot.
    @discardableResult
    func bot(_ method: String, _ path: String, _ body: JSON? = nil, token: String = RunningSandbox.token) -> APIResponse
    {
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.count > 1 ? parts[1].split(separator: "&") : []
        return realm.respond(
            to: APIRequest(
                method: method, path: "/api/v10" + parts[0],
                query: query.map { pair in
                    let sides = pair.split(separator: "=", maxSplits: 1)
                    return (String(sides[0]), sides.count > 1 ? String(sides[1]) : "")
                }, authorization: "Bot \(token)", body: body?.bytes ?? []))
    }

    /// A gateway client that collects what it is sent.
    func connect(intents: Intents, token: String = RunningSandbox.token, extra: JSON = [:]) throws(Realm.Denial)
        -> Listener
    {
        let listener = Listener()
        let identify: JSON = [
            "token": .string(token), "intents": .int(intents.rawValue), "properties": [:],
        ]
        listener.sessionID = try realm.identify(
            identify.adding(extra), outlet: listener.outlet(), gatewayURL: "ws://localhost")
        return listener
    }
}

/// The other end of a gateway connection.
final class Listener: Sendable {
    private static let serial = Atomic<UInt64>(1)

    private struct State {
        var received: [JSON] = []
        var sessionID = ""
        var closed: Int?
    }

    let id = Listener.serial.add(1, ordering: .relaxed).newValue
    private let state = Mutex(State())

    var sessionID: String {
        get { state.withLock { $0.sessionID } }
        set { state.withLock { $0.sessionID = newValue } }
    }
    var received: [JSON] { state.withLock { $0.received } }
    var closeCode: Int? { state.withLock { $0.closed } }
    var names: [String] { received.compactMap { $0["t"]?.stringValue } }
    var sequence: Int { received.compactMap { $0["s"]?.intValue }.max() ?? 0 }

    /// The data of every event of that name.
    func events(_ name: String) -> [JSON] {
        received.filter { $0["t"]?.stringValue == name }.compactMap { $0["d"] }
    }

    func outlet() -> GatewayOutlet {
        GatewayOutlet(
            id: id,
            send: { [self] text in
                let json = (try? JSON(parsing: text)) ?? .null
                state.withLock { $0.received.append(json) }
            },
            close: { [self] code, _ in state.withLock { $0.closed = code } },
            drop: { [self] in state.withLock { $0.closed = 1006 } }, invalidate: { _ in })
    }
}
