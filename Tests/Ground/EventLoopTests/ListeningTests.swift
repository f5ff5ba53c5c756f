import Core
import EventLoop
import Testing
import TestSupport

struct ListeningTests {
    @Test func `a port in use is a clear error`() async throws {
        try await withGroup(1) { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { _ in }
            let error = await #expect(throws: NetworkError.self) {
                _ = try await Listener.bind(host: "127.0.0.1", port: listener.port, group: group) { _ in }
            }
            #expect(error?.code == "address_in_use")
            #expect(error?.message == "could not listen on 127.0.0.1:\(listener.port): address already in use")
            await listener.close()
            let next = try await Listener.bind(host: "127.0.0.1", port: listener.port, group: group) { _ in }
            #expect(next.port == listener.port)
        }
    }

    @Test func `a refused connection throws connection_refused`() async throws {
        try await withGroup(1) { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { _ in }
            await listener.close()
            let error = await #expect(throws: NetworkError.self) {
                _ = try await Connector.connect(host: "127.0.0.1", port: listener.port, loop: group.loops[0])
            }
            #expect(error?.code == "connection_refused")
            #expect(error?.message.contains("127.0.0.1:\(listener.port)") == true)
        }
    }

    @Test func `a name is looked up and all its addresses are tried`() async throws {
        try await withGroup(1) { group in
            // Only IPv4 answers; the name may give IPv6 first.
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { $0.handler = Echo() }
            let client = try await connect(to: listener.port, host: "localhost", on: group.loops[0])
            #expect(try await client.withValue { $0.connection.isOpen })
        }
    }

    @Test func `a connection that can't be taken over is reset`() async throws {
        struct Fault: Error {}
        try await withGroup(1) { group in
            let servers = try await Collector<LoopBound<Probe>>(on: group.loops[0])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
                servers.add(LoopBound(Probe(connection), loop: connection.loop))
            }
            await #expect(throws: Fault.self) {
                try await Connector.connect(host: "127.0.0.1", port: listener.port, loop: group.loops[0]) { _ in
                    throw Fault()
                }
            }
            try await eventually("accepted") { try await servers.all.count == 1 }
            let server = try await servers.all[0]
            try await eventually("reset") { try await server.withValue { $0.errorCode == "connection_reset" } }
        }
    }

    @Test func `a name that doesn't exist throws host_not_found`() async throws {
        try await withGroup(1) { group in
            let error = await #expect(throws: NetworkError.self) {
                _ = try await Connector.connect(host: "nowhere.invalid", port: 80, loop: group.loops[0])
            }
            #expect(error?.code == "host_not_found")
        }
    }

    @Test func `connecting to a server that doesn't answer times out`() async throws {
        try await withGroup(1) { group in
            // A full backlog: the kernel drops further attempts.
            let deaf = try DeafSocket()
            var held: [LoopBound<Connection>] = []
            let error = await #expect(throws: NetworkError.self) {
                for _ in 0..<8 {
                    held.append(
                        try await Connector.connect(
                            host: "127.0.0.1", port: deaf.port, timeout: .milliseconds(150), loop: group.loops[0]))
                }
            }
            #expect(error?.code == "timed_out")
        }
    }

    @Test func `a cancelled task stops connecting`() async throws {
        try await withGroup(1) { group in
            let deaf = try DeafSocket()
            let task = Task {
                var held: [LoopBound<Connection>] = []
                for _ in 0..<8 {
                    held.append(
                        try await Connector.connect(
                            host: "127.0.0.1", port: deaf.port, timeout: .seconds(60), loop: group.loops[0]))
                }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `a listener on all addresses answers IPv4 and reports it as such`() async throws {
        try await withGroup(1) { group in
            let hosts = try await Collector<String>(on: group.loops[0])
            let listener: Listener
            do {
                listener = try await Listener.bind(host: "::", port: 0, group: group) { connection in
                    hosts.add(connection.remoteAddress.host)
                    connection.handler = Echo()
                }
            } catch let error as NetworkError
                where error.code == "address_not_available" || error.code == "network_error"
            {
                return  // This machine has no IPv6.
            }
            _ = try await connect(to: listener.port, on: group.loops[0])
            try await eventually("accepted") { try await hosts.all == ["127.0.0.1"] }
        }
    }
}
