import Core
import Crypto
import EventLoop
import Testing
import TestSupport

struct TLSTests {
    @Test func `an encrypted connection sends and receives, and both agree on a protocol`() async throws {
        let authority = try TestAuthority()
        let server = try authority.server("good", protocols: ["h2", "http/1.1"])
        let client = try TLSContext.client(authorities: .file(authority.certificate), protocols: ["http/1.1", "other"])
        try await withGroup { group in
            let agreed = try await Collector<String?>(on: group.loops[0])
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group, tls: server) {
                agreed.add($0.applicationProtocol)
                $0.handler = Echo()
            }
            for host in ["localhost", "127.0.0.1"] {
                let probe = try await connect(to: listener.port, host: host, tls: client, on: group.loops[0])
                #expect(try await probe.withValue { $0.connection.applicationProtocol } == "http/1.1")
                #expect(try await probe.withValue { $0.connection.isEncrypted })
                #expect(try await probe.withValue { $0.connection.write(Array("hello".utf8)) } == .written)
                try await probe.withValue { _ = $0.connection.write([Array(", ".utf8), Array("world".utf8)]) }
                try await eventually("the echo") { try await probe.withValue { $0.received.count == 12 } }
                #expect(try await probe.withValue { String(decoding: $0.received, as: UTF8.self) } == "hello, world")
                try await probe.withValue { $0.connection.closeWrite() }
                try await eventually("closed") { try await probe.withValue { $0.closedCount == 1 } }
                #expect(try await probe.withValue { $0.hasEnded && $0.errorCode == nil })
            }
            #expect(try await agreed.all == ["http/1.1", "http/1.1"])
        }
    }

    @Test func `large transfers pass whole under backpressure`() async throws {
        let authority = try TestAuthority()
        let server = try authority.server("good")
        let client = try TLSContext.client(authorities: .file(authority.certificate))
        try await withGroup { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group, tls: server) {
                $0.handler = Echo()
            }
            let probe = try await connect(to: listener.port, host: "localhost", tls: client, on: group.loops[0]) {
                $0.maximumQueuedBytes = 16_000_000
            }
            let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            try await probe.withValue { probe in
                for start in stride(from: 0, to: sent.count, by: 200_000) {
                    precondition(
                        probe.connection.write(Array(sent[start..<min(sent.count, start + 200_000)])) != .closed)
                }
                probe.connection.closeWrite()
            }
            for _ in 0..<50 {
                try await probe.withValue { $0.connection.pauseReading() }
                try await probe.withValue { $0.connection.resumeReading() }
            }
            try await eventually("the echo's end") { try await probe.withValue { $0.closedCount == 1 } }
            #expect(try await probe.withValue { $0.received == sent })
            #expect(try await probe.withValue { $0.errorCode } == nil)
        }
    }

    @Test func `what is decrypted waits while reading is paused`() async throws {
        let authority = try TestAuthority()
        let server = try authority.server("good")
        let client = try TLSContext.client(authorities: .file(authority.certificate))
        try await withGroup { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group, tls: server) {
                $0.handler = Echo()
                // Several records, which may arrive together with the end of the handshake.
                for number in 0..<100 { $0.write([UInt8](repeating: UInt8(number), count: 1000)) }
                $0.closeWrite()
            }
            let probe = try await connect(to: listener.port, host: "localhost", tls: client, on: group.loops[0]) {
                $0.pauseReading()
            }
            // One at a time: each resumption is paused again by the first bytes.
            #expect(try await probe.withValue { $0.receivedCount } == 0)
            try await probe.withValue { $0.pausesOnBytes = true }
            try await eventually("everything, piece by piece") {
                try await probe.withValue { probe in
                    probe.connection.resumeReading()
                    return probe.hasEnded
                }
            }
            #expect(
                try await probe.withValue { $0.received }
                    == (0..<100).flatMap { [UInt8](repeating: UInt8($0), count: 1000) })
        }
    }

    enum Fault: CaseIterable { case host, address, authority, system, expired }

    @Test(arguments: Fault.allCases)
    func `a server whose certificate isn't valid is refused, with the reason`(fault: Fault) async throws {
        let authority = try TestAuthority()
        let server = try authority.server("good", names: "DNS:localhost", expired: fault == .expired)
        let stranger = try TestAuthority()
        let authorities: TLSContext.Authorities =
            switch fault {
            case .authority: .file(stranger.certificate)
            case .system: .system
            default: .file(authority.certificate)
            }
        let client = try TLSContext.client(authorities: authorities)
        try await withGroup(1) { group in
            let faults = try await Collector<String>(on: group.loops[0])
            var configuration = Listener.Configuration()
            configuration.onFault = { faults.add($0.code) }
            let other = try authority.server("other", names: "DNS:elsewhere.example")
            let listener = try await Listener.bind(
                host: "127.0.0.1", port: 0, group: group, tls: fault == .host ? other : server,
                configuration: configuration
            ) { _ in Issue.record("the server thinks all is well") }
            let error = await #expect(throws: TLSError.self) {
                _ = try await Connector.connect(
                    host: fault == .address ? "127.0.0.1" : "localhost", port: listener.port, tls: client,
                    loop: group.loops[0])
            }
            let code =
                switch fault {
                case .host, .address: "certificate_host_mismatch"
                case .authority, .system: "certificate_unknown_authority"
                case .expired: "certificate_expired"
                }
            #expect(error?.code == code, "\(error?.message ?? "")")
            try await eventually("the server hears of it") { try await faults.all == ["tls_handshake"] }
        }
    }

    @Test func `a server reached by address may be verified by name`() async throws {
        let authority = try TestAuthority()
        let server = try authority.server("good", names: "DNS:games.example")
        let client = try TLSContext.client(authorities: .file(authority.certificate))
        try await withGroup(1) { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group, tls: server) {
                $0.handler = Echo()
            }
            let isOpen = try await Connector.connect(
                host: "127.0.0.1", port: listener.port, tls: client, serverName: "games.example", loop: group.loops[0]
            ) { $0.isOpen }
            #expect(isOpen)
        }
    }

    enum Stranger: CaseIterable { case plain, silent, leaving }

    @Test(arguments: Stranger.allCases)
    func `a peer that doesn't finish the handshake is turned away`(stranger: Stranger) async throws {
        let authority = try TestAuthority()
        let server = try authority.server("good")
        try await withGroup(1) { group in
            let faults = try await Collector<String>(on: group.loops[0])
            let configuration = Listener.Configuration(
                handshakeTimeout: stranger == .silent ? .milliseconds(50) : .seconds(60)
            ) { faults.add($0.code) }
            let listener = try await Listener.bind(
                host: "127.0.0.1", port: 0, group: group, tls: server, configuration: configuration
            ) { _ in Issue.record("the server thinks all is well") }
            let peer = try await connect(to: listener.port, on: group.loops[0])
            try await peer.withValue { peer in
                switch stranger {
                case .plain: peer.connection.write(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                case .silent: break
                case .leaving: peer.connection.close()
                }
            }
            try await eventually("closed") { try await peer.withValue { $0.closedCount == 1 } }
            let code = stranger == .silent ? "tls_timed_out" : "tls_handshake"
            try await eventually("the fault") { try await faults.all == [code] }
        }
    }

    @Test func `a reset encrypted stream is reported as such`() async throws {
        let authority = try TestAuthority()
        let server = try authority.server("good")
        let client = try TLSContext.client(authorities: .file(authority.certificate))
        try await withGroup(1) { group in
            let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group, tls: server) {
                connection in
                connection.write(Array("half a sent".utf8))
                connection.handler = Echo()
                connection.loop.schedule(after: .milliseconds(20)) { connection.abort() }
            }
            let probe = try await connect(to: listener.port, host: "localhost", tls: client, on: group.loops[0])
            try await eventually("closed") { try await probe.withValue { $0.closedCount == 1 } }
            #expect(try await probe.withValue { $0.errorCode } == "connection_reset")
        }
    }

    @Test func `files that can't be read are named`() throws {
        let error = #expect(throws: TLSError.self) { try TLSContext.client(authorities: .file("/nowhere/ca.pem")) }
        #expect(error?.message.contains("/nowhere/ca.pem") == true)
        let other = #expect(throws: TLSError.self) {
            try TLSContext.server(certificate: "/nowhere/cert.pem", key: "/nowhere/key.pem")
        }
        #expect(other?.message.contains("/nowhere/cert.pem") == true)
    }
}
