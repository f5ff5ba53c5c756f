import EventLoop
import Synchronization
import Web
import Wire

/// One gateway socket: passes what arrives to the conversation, carries out its actions, and compresses what is sent.
///
/// Confined to its socket's loop. Other threads reach it through its outlet, which only queues work for the loop.
final class GatewayConnection: StreamObserver {
    private static let serial = Atomic<UInt64>(0)

    private let realm: Realm
    private let socket: WebSocket
    private let loop: EventLoop
    private let gatewayURL: String
    private let deflater: Deflater?
    private let id: UInt64
    private var conversation: GatewayConversation
    private var sessionID: String?
    private var timer: LoopTimer?
    /// While the session's guilds arrive.
    private var arrivals: LoopTimer?
    private var isOver = false

    /// How many bytes may wait for a slow client; above that the socket is aborted, and the client can resume.
    private static let queueLimit = 8 * 1024 * 1024
    /// How many bytes may wait while guilds arrive.
    private static let arrivalLimit = 256 * 1024

    /// Takes the socket over. It keeps the connection alive until it is closed.
    static func open(_ socket: WebSocket, realm: Realm, gatewayURL: String, compresses: Bool, isCurrentVersion: Bool) {
        guard let loop = socket.loop else { return }
        let connection = GatewayConnection(
            socket: socket, loop: loop, realm: realm, gatewayURL: gatewayURL, compresses: compresses)
        socket.observer = connection
        connection.begin(isCurrentVersion: isCurrentVersion)
    }

    private init(socket: WebSocket, loop: EventLoop, realm: Realm, gatewayURL: String, compresses: Bool) {
        self.socket = socket
        self.loop = loop
        self.realm = realm
        self.gatewayURL = gatewayURL
        deflater = compresses ? Deflater(format: .zlib) : nil
        id = Self.serial.add(1, ordering: .relaxed).newValue
        let interval = realm.transaction { $0.faults.heartbeatInterval } ?? realm.configuration.heartbeatInterval
        conversation = GatewayConversation(heartbeatInterval: interval, now: loop.now)
    }

    private func begin(isCurrentVersion: Bool) {
        guard isCurrentVersion else { return carryOut(conversation.close(4012, "Invalid API version.")) }
        carryOut(conversation.opened())
        let interval = max(.milliseconds(25), conversation.heartbeatInterval / 4)
        timer = loop.schedule(after: interval, repeating: interval) { [weak self] in
            guard let self else { return }
            carryOut(conversation.timerFired(now: loop.now))
        }
    }

    func received(_ message: WebSocketMessage) {
        let bytes: [UInt8]
        switch message {
        case .text(let text): bytes = Array(text.utf8)
        case .binary(let binary): bytes = binary
        default: return
        }
        conversation.ignoresHeartbeats = realm.transaction { $0.faults.ignoresHeartbeats }
        carryOut(conversation.received(bytes, now: loop.now))
    }

    private func carryOut(_ action: GatewayConversation.Action?) {
        guard let action, !isOver else { return }
        switch action {
        case .send(let json): send(json.text)
        case .close(let code, let reason): close(code, reason)
        case .identify(let data):
            enter { (outlet) throws(Realm.Denial) in
                try realm.identify(data, outlet: outlet, gatewayURL: gatewayURL)
            }
        case .resume(let token, let session, let sequence):
            enter { (outlet) throws(Realm.Denial) in
                try realm.resume(token: token, sessionID: session, sequence: sequence, outlet: outlet)
            }
        case .requestMembers(let data):
            guard let sessionID else { return }
            if !realm.requestMembers(data, sessionID: sessionID) {
                carryOut(conversation.close(4014, "Disallowed intent(s)."))
            }
        case .updateVoice(let data):
            if let sessionID { realm.updateVoice(data, sessionID: sessionID) }
        }
    }

    private func enter(_ body: (GatewayOutlet) throws(Realm.Denial) -> String) {
        do {
            sessionID = try body(outlet())
            conversation.accepted()
            sendArrivals()
        } catch {
            switch error {
            case .close(let code, let reason): carryOut(conversation.close(code, reason))
            case .invalidSession(let isResumable): invalidate(isResumable)
            }
        }
    }

    /// Has the session's guilds sent as fast as the client takes them.
    private func sendArrivals() {
        arrivals?.cancel()
        arrivals = loop.schedule(after: .milliseconds(2), repeating: .milliseconds(2)) { [weak self] in
            guard let self, !isOver, let sessionID else { return }
            guard socket.queuedBytes < Self.arrivalLimit, !realm.sendArrivals(sessionID) else { return }
            arrivals?.cancel()
            arrivals = nil
        }
    }

    private func outlet() -> GatewayOutlet {
        let bound = LoopBound(WeakReference(self), loop: loop)
        let loop = loop
        @Sendable func onLoop(_ body: @escaping @Sendable (GatewayConnection) -> Void) {
            loop.execute { if let connection = bound.value.object { body(connection) } }
        }
        return GatewayOutlet(
            id: id, send: { text in onLoop { $0.send(text) } },
            close: { code, reason in onLoop { $0.close(code, reason) } }, drop: { onLoop { $0.socket.abort() } },
            invalidate: { isResumable in onLoop { $0.invalidate(isResumable) } })
    }

    private func send(_ text: String) {
        guard !isOver else { return }
        if let deflater {
            socket.send(binary: deflater.deflate(Array(text.utf8), flush: .sync))
        } else {
            socket.send(text: text)
        }
        if socket.queuedBytes > Self.queueLimit { socket.abort() }
    }

    private func invalidate(_ isResumable: Bool) {
        send("{\"op\":9,\"s\":null,\"t\":null,\"d\":\(isResumable)}")
        if !isResumable { sessionID = nil }
        conversation.sessionInvalidated()
    }

    private func close(_ code: Int, _ reason: String) {
        guard !isOver else { return }
        // After these codes the session can't be resumed.
        let isFatal = [4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014].contains(code)
        leave(isOver: isFatal)
        socket.close(code: WebSocketCloseCode(rawValue: UInt16(code)), reason: reason)
    }

    func closed() {
        guard let closed = socket.ending else { return }
        leave(isOver: closed.isClean && (closed.closeCode == 1000 || closed.closeCode == 1001))
    }

    private func leave(isOver isSessionOver: Bool) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        arrivals?.cancel()
        if let sessionID { realm.detach(sessionID, outletID: id, isOver: isSessionOver) }
    }
}

/// Does not keep its object alive.
private final class WeakReference<Object: AnyObject> {
    private(set) weak var object: Object?

    init(_ object: Object) { self.object = object }
}
