import EventLoop
import Web
import Wire

/// The event stream of `GET /sandbox/events`: one unnamed event for each change, `{"type": …}`, from now on. A client that
/// reconnects fetches `/sandbox/state` first.
final class ChatStream: StreamObserver {
    /// How many bytes may wait for a slow page; above that the stream is aborted, and the page reconnects.
    private static let queueLimit = 1024 * 1024

    private let realm: Realm
    private let watcher: UInt64
    private let heartbeat: LoopTimer

    static func open(_ stream: EventStream, realm: Realm) {
        guard let loop = stream.loop else { return }
        stream.send(SSE.encode(event: "ready", data: "{}", retry: 1000))
        stream.observer = ChatStream(stream, on: loop, realm: realm)
    }

    private init(_ stream: EventStream, on loop: EventLoop, realm: Realm) {
        self.realm = realm
        let bound = LoopBound(stream, loop: loop)
        watcher = realm.watch { change in
            let frame = SSE.encode(data: change.text)
            loop.execute {
                let stream = bound.value
                stream.send(frame)
                if stream.queuedBytes > ChatStream.queueLimit { stream.abort() }
            }
        }
        heartbeat = loop.schedule(after: .seconds(20), repeating: .seconds(20)) { [weak stream] in
            stream?.send(SSE.encode(event: "heartbeat", data: "{}"))
        }
    }

    func closed() {
        heartbeat.cancel()
        realm.unwatch(watcher)
    }
}

extension Realm {
    /// Calls `send` for every change from now on, in order; it must only queue.
    func watch(_ send: @escaping @Sendable (JSON) -> Void) -> UInt64 {
        transaction { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = Watcher(send: send)
            return state.nextWatcher
        }
    }

    func unwatch(_ watcher: UInt64) { transaction { $0.watchers[watcher] = nil } }
}
