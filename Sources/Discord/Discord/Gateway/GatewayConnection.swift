import Core
import EventLoop
import Synchronization
import Web
import Wire

/// One socket to the gateway: opened, read and written to until it is lost or closed.
final class GatewayConnection: Sendable {
    /// What happens on it.
    enum Event: Sendable {
        case opened
        case failed(String)
        case received(GatewayMessage)
        /// A message that can't be decoded, with the place of the error.
        case unreadable(String)
        case lost(code: Int?)
    }

    private let url: String
    private let outbound = BoundedQueue<String>(limit: 256)
    private let channel = Mutex<WebSocketChannel?>(nil)
    private let closeCode = Mutex<GatewayCloseCode?>(nil)
    private let closing = Latch()

    init(url: String) { self.url = url }

    /// Opens the socket and serves it until it is lost, closed, or the task is cancelled.
    ///
    /// - Parameter report: called with one event at a time; nothing more is read until it returns.
    func run(group: EventLoopGroup, report: @escaping @Sendable (Event) async -> Void) async {
        await withTaskGroup { tasks in
            tasks.addTask { await self.serve(group, report) }
            tasks.addTask { await self.closeWhenAsked() }
            _ = await tasks.next()
            tasks.cancelAll()
        }
    }

    /// Queues a text for the socket; returns `false` when too many wait for it already.
    func send(_ text: String) -> Bool { outbound.offer(text) }

    /// Closes the socket, which `run` then does; a socket that is still being opened is given up.
    func close(_ code: GatewayCloseCode) {
        closeCode.withLock { $0 = code }
        closing.open()
    }

    private func closeWhenAsked() async {
        await closing.wait()
        guard let code = closeCode.withLock({ $0 }) else { return }
        await channel.withLock { $0 }?.close(code: WebSocketCloseCode(rawValue: UInt16(code.rawValue)))
    }

    private func serve(_ group: EventLoopGroup, _ report: @escaping @Sendable (Event) async -> Void) async {
        var options = WebSocketOptions()
        options.maximumMessage = 32 * 1024 * 1024
        let channel: WebSocketChannel
        do {
            channel = try await WebSocketClient.connect(url: url, group: group, options: options)
        } catch {
            return await report(.failed((error as? any CodedError)?.message ?? "the connection failed"))
        }
        self.channel.withLock { $0 = channel }
        await report(.opened)
        await withTaskGroup { tasks in
            tasks.addTask {
                // When sending fails, reading does, too.
                while let text = await self.outbound.next() { try? await channel.send(text: text) }
            }
            await read(channel, report)
            outbound.finish()
        }
    }

    private func read(_ channel: WebSocketChannel, _ report: @Sendable (Event) async -> Void) async {
        var stream = GatewayStream()
        do {
            for try await message in channel.messages {
                do {
                    if let message = try stream.received(message) { await report(.received(message)) }
                } catch let error as DecodingError {
                    await report(.unreadable(error.place))
                }
            }
            await report(.lost(code: nil))
        } catch {
            channel.abort()
            // 1006 stands for a connection that ended without a close code (RFC 6455, section 7.1.5).
            let code = (error as? WebSocketClosed)?.closeCode
            await report(.lost(code: code == 1006 ? nil : code))
        }
    }
}
