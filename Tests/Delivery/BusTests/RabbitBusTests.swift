import Bus
import Core
import Foundation
import Store
import Synchronization
import Testing
import TestSupport

struct RabbitBusTests {
    static func configuration(_ url: String) throws -> RabbitConfiguration {
        var configuration = try RabbitConfiguration(url: url)
        configuration.backoff = Backoff(base: .milliseconds(20), limit: .milliseconds(200))
        return configuration
    }

    static func bus(
        _ url: String, key: [UInt8] = BusConformance.key, epoch: String = BusConformance.epoch,
        exchange: String = "events"
    ) throws -> RabbitBus {
        RabbitBus(
            RabbitBus.Configuration(rabbit: try configuration(url), key: key, epoch: epoch, exchange: exchange) {
                "\($0.kind).\($0.topic)"
            }, log: .none)
    }

    /// Waits first: a server that is down makes the suite publish in vain.
    private static func connected(_ url: String, exchange: String = "events") async throws -> RabbitBus {
        let bus = try bus(url, exchange: exchange)
        try await eventually("the connection") { bus.isConnected }
        return bus
    }

    @Test func `addresses say where, who and which virtual host`() throws {
        let full = try RabbitConfiguration(url: "amqps://ann:p%40ss@example.org:7000/a%2Fb")
        #expect((full.host, full.port, full.user, full.virtualHost) == ("example.org", 7000, "ann", "a/b"))
        #expect(full.password.revealed == "p@ss" && full.authorities != nil)
        let short = try RabbitConfiguration(url: "amqp://[::1]")
        #expect((short.host, short.port, short.user, short.virtualHost) == ("::1", 5672, "guest", "/"))
        for wrong in ["redis://x", "amqp://", "amqp://h:0", "amqp://u:topsecret@h/a/b", "amqp://h?a=b", ""] {
            let error = #expect(throws: RabbitError.self) { try RabbitConfiguration(url: wrong) }
            #expect(error?.kind == .configuration)
            #expect(error?.message.contains("topsecret") == false)
        }
    }

    @Test func `a bus over RabbitMQ keeps the promises of a bus and survives the end of its server`() async throws {
        let certificate = try CertificateFiles()
        let server = try await RabbitServer(encrypted: certificate)
        let url = server.url
        try await encryption(server, certificate)
        try await BusConformance.run { try await Self.connected(url) }
        let stranger = try Self.bus(url, key: BusConformance.strangersKey)
        try await eventually("the stranger's connection") { stranger.isConnected }
        try await BusConformance.strangersAreNotBelieved(stranger) { try await Self.connected(url) }
        let elsewhere = try Self.bus(url, epoch: BusConformance.otherEpoch)
        try await eventually("the other log's connection") { elsewhere.isConnected }
        try await BusConformance.eventsOfAnotherLogAreLeftToTheLog(elsewhere) { try await Self.connected(url) }
        try await anotherProcessIsHeard(url)
        try await publishingTakes(url)
        try await cutConnectionsAreMadeAgain(server)
        try await aWrongPasswordIsSaid(server)
        try await aFrozenServerIsNoticed(server)
        try await BusDisturbance(
            makeBus: { try Self.bus(url) }, kill: { server.kill() }, start: { try await server.start() }
        ).run()
    }

    private func anotherProcessIsHeard(_ url: String) async throws {
        let bus = try await Self.connected(url)
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        async let other = #expect(processExitsWith: .success) { [url = url as String] in
            let bus = try RabbitBusTests.bus(url)
            try await eventually("the connection") { bus.isConnected }
            try await echo(bus)
        }
        try await talk(bus, received)
        _ = await other
        subscription.cancel()
    }

    private func publishingTakes(_ url: String) async throws {
        let bus = try await Self.connected(url, exchange: "timing")
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        try await eventually("the subscription") { received.emptyBatches > 0 }
        let clock = ContinuousClock()
        let alone = try await clock.measure {
            for number in Int64(1)...100 { try await bus.publish([BusConformance.event(number)]) }
        }
        let together = try await clock.measure { try await bus.publish((101...2100).map(BusConformance.event)) }
        try await received.wait { $0.count == 2100 }
        #expect(received.numbers == Array(1...2100))
        // Generous: the machine may be busy. Alone it takes some 200 µs and 40 µs.
        #expect(alone / 100 < .milliseconds(50) && together / 2000 < .milliseconds(5))
        subscription.cancel()
    }

    private func encryption(_ server: RabbitServer, _ certificate: CertificateFiles) async throws {
        func bus(_ host: String, authorities: String) throws -> RabbitBus {
            let rabbit = try RabbitConfiguration(
                url: "amqps://guest:guest@\(host):\(server.encryptedPort)", authorities: authorities)
            return RabbitBus(
                RabbitBus.Configuration(
                    rabbit: rabbit, key: BusConformance.key, epoch: BusConformance.epoch, exchange: "secret"
                ) { $0.kind },
                log: .none)
        }
        let trusting = try bus("localhost", authorities: certificate.files.authority)
        // The second port may open a moment after the first.
        try await eventually("the connection") { trusting.isConnected }
        try await BusConformance.run { trusting }
        trusting.close()
        // A stranger's certificate is refused.
        let strange = try bus("localhost", authorities: RabbitConfiguration.systemAuthorities)
        await #expect(throws: RabbitError.self) { try await strange.publish([BusConformance.event(1)]) }
        strange.close()
    }

    private func cutConnectionsAreMadeAgain(_ server: RabbitServer) async throws {
        let bus = try await Self.connected(server.url)
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        try await eventually("the subscription") { received.emptyBatches == 1 }
        try await server.control("close_all_connections", "a test")
        try await eventually("the word to look into the log") { received.emptyBatches > 1 }
        try await eventually("an event") {
            _ = try? await bus.publish([BusConformance.event(1)])
            return received.numbers.contains(1)
        }
        subscription.cancel()
    }

    private func aWrongPasswordIsSaid(_ server: RabbitServer) async throws {
        let lines = Mutex<[String]>([])
        let said = Log { line in lines.withLock { $0.append(line) } }
        let bus = RabbitBus(
            RabbitBus.Configuration(
                rabbit: try RabbitConfiguration(url: "amqp://guest:topsecret@127.0.0.1:\(server.port)"),
                key: BusConformance.key, epoch: BusConformance.epoch, exchange: "e"
            ) { $0.kind }, log: said)
        await #expect(throws: RabbitError.self) { try await bus.publish([BusConformance.event(1)]) }
        try await eventually("the log") { lines.withLock { $0.contains { $0.contains("sign in as guest") } } }
        #expect(!lines.withLock { $0.contains { $0.contains("topsecret") } })
        bus.close()
    }

    private func aFrozenServerIsNoticed(_ server: RabbitServer) async throws {
        var configuration = RabbitBus.Configuration(
            rabbit: try Self.configuration(server.url), key: BusConformance.key, epoch: BusConformance.epoch,
            exchange: "events"
        ) { $0.kind }
        configuration.rabbit.heartbeat = .seconds(1)
        configuration.rabbit.confirmTimeout = .seconds(1)
        let bus = RabbitBus(configuration, log: .none)
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        try await eventually("the subscription") { received.emptyBatches == 1 }
        server.freeze()
        let start = ContinuousClock.now
        await #expect(throws: RabbitError.self) { try await bus.publish([BusConformance.event(1)]) }
        // Nobody publishes where the listener listens: it's the sign of life that doesn't come.
        try await eventually("the loss") { !bus.isListening }
        #expect(ContinuousClock.now - start < .seconds(8))
        server.thaw()
        try await eventually("the word to look into the log", within: .seconds(60)) { received.emptyBatches > 1 }
        subscription.cancel()
    }
}
