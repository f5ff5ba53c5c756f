import EventLoop
import Foundation
import Synchronization
import Testing
import TestSupport
import Web
import Wire

/// A client of a stream over a WebSocket.
final class SocketClient: Sendable {
    /// One message, as the protocol describes it; the payload as text again.
    struct Message {
        let event: String
        let id: String?
        let payload: String
    }

    private struct State {
        var messages: [Message] = []
        var ending: WebSocketClosed?
        var faults: [String] = []
    }

    private let state = Mutex(State())
    private let channel: WebSocketChannel

    static func open(_ group: EventLoopGroup, port: Int, _ path: String) async throws -> SocketClient {
        let client = SocketClient(
            try await WebSocketClient.connect(url: "ws://127.0.0.1:\(port)\(path)", group: group))
        Task { try await client.read() }
        return client
    }

    private init(_ channel: WebSocketChannel) { self.channel = channel }

    private func read() async throws {
        do {
            for try await message in channel.messages {
                if case .text(let text) = message, let parsed = Message(text) {
                    state.withLock { $0.messages.append(parsed) }
                } else {
                    state.withLock { $0.faults.append("\(message)") }
                }
            }
        } catch let closed as WebSocketClosed {
            state.withLock { $0.ending = closed }
        }
    }

    /// What happened, without what the server says about the stream.
    var messages: [Message] { named("message") }
    /// What was no message of the protocol.
    var faults: [String] { state.withLock { $0.faults } }
    var ending: WebSocketClosed? { state.withLock { $0.ending } }

    func named(_ name: String) -> [Message] { state.withLock { $0.messages.filter { $0.event == name } } }

    func send(_ text: String) async throws { try await channel.send(text: text) }
    func close() async { await channel.close() }

    func wait(_ what: String, until isTrue: (SocketClient) -> Bool) async throws {
        try await eventually(what) { isTrue(self) }
    }
}

extension SocketClient.Message {
    fileprivate init?(_ text: String) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            object["v"] as? Int == 1, object["type"] as? String == "event", object["ts"] is Int,
            let event = object["event"] as? String, let payload = object["payload"] as? [String: Any],
            let data = try? JSONSerialization.data(withJSONObject: payload, options: .sortedKeys)
        else { return nil }
        self.event = event
        id = object["id"] as? String
        self.payload = String(decoding: data, as: UTF8.self)
    }
}
