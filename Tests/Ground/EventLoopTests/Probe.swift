import Core
import Crypto
import EventLoop
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One end of a connection in a test: remembers what happened to it.
final class Probe: ConnectionHandler {
    let connection: Connection
    var received: [UInt8] = []
    var receivedCount = 0
    var keepsBytes = true
    var hasEnded = false
    var closedCount = 0
    var errorCode: String?
    var drainedCount = 0
    var closesOnEnd = true
    var pausesOnBytes = false

    init(_ connection: Connection) {
        self.connection = connection
        connection.handler = self
    }

    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        receivedCount += bytes.count
        if pausesOnBytes { connection.pauseReading() }
        if keepsBytes { unsafe received.append(contentsOf: bytes) }
    }

    func receivedEnd(on connection: Connection) {
        hasEnded = true
        if closesOnEnd { connection.close() }
    }

    func writable(on connection: Connection) { drainedCount += 1 }

    func closed(on connection: Connection, error: (any CodedError)?) {
        closedCount += 1
        errorCode = error?.code
    }
}

/// Sends everything back; stops reading while the peer doesn't.
final class Echo: ConnectionHandler {
    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        unsafe connection.write(Array(bytes))
        if connection.queuedBytes > 100_000 { connection.pauseReading() }
    }

    func receivedEnd(on connection: Connection) { connection.closeWrite() }

    func writable(on connection: Connection) { connection.resumeReading() }

    func closed(on connection: Connection, error: (any CodedError)?) {}
}

/// Connects with a probe at our end.
func connect(
    to port: Int, host: String = "127.0.0.1", tls: TLSContext? = nil, on loop: EventLoop,
    prepare: @escaping @Sendable (Connection) -> Void = { _ in }
) async throws -> LoopBound<Probe> {
    try await Connector.connect(host: host, port: port, tls: tls, loop: loop) { connection in
        prepare(connection)
        return LoopBound(Probe(connection), loop: connection.loop)
    }
}

/// Runs `body` with a group of loops, which is shut down afterwards.
func withGroup(_ count: Int = 2, _ body: (EventLoopGroup) async throws -> Void) async throws {
    let group = EventLoopGroup(count: count)
    do {
        try await body(group)
    } catch {
        await group.shutdown()
        throw error
    }
    await group.shutdown()
}

/// Something that happens once, seen from any thread.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }

    /// Blocks the thread.
    func wait() { while !isSet { usleep(1000) } }
}

/// What the handlers of several loops report, collected on one of them.
final class Collector<Item: Sendable>: Sendable {
    private let items: LoopBound<[Item]>

    init(on loop: EventLoop) async throws { items = try await loop.submit { LoopBound([], loop: loop) } }

    func add(_ item: Item) { items.loop.execute { [items] in items.value.append(item) } }

    var all: [Item] {
        get async throws { try await items.withValue { $0 } }
    }
}

/// Lets this process have that many descriptors open, if the system allows it.
func allowDescriptors(_ count: Int) {
    var limit = rlimit()
    #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        let resource = RLIMIT_NOFILE
    #endif
    guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
    limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
    _ = unsafe setrlimit(resource, &limit)
}
