import Core
import EventLoop
import FoundationEssentials
import Web
import Wire

/// One socket after another: opened, read, written to and closed.
extension Gateway {
    func connect(to url: String, _ shell: inout Shell) {
        shell.generation += 1
        let generation = shell.generation
        var options = WebSocketOptions()
        options.maximumMessage = 32 * 1024 * 1024
        let reader = Task { [group, feed, events, log] in
            do {
                let channel = try await WebSocketClient.connect(url: url, group: group, options: options)
                feed.yield(.connected(channel, generation: generation))
                await Self.read(channel, into: feed, generation, events, log)
            } catch {
                let reason = (error as? any CodedError)?.message ?? "the connection failed"
                feed.yield(.connectFailed(reason, generation: generation))
            }
        }
        shell.connection = Connection(reader: reader)
    }

    private static func read(
        _ channel: WebSocketChannel, into feed: AsyncStream<Input>.Continuation, _ generation: Int,
        _ events: BoundedQueue<Delivery>, _ log: Log
    ) async {
        var stream = GatewayStream()
        do {
            for try await message in channel.messages {
                do {
                    if let message = try stream.received(message) {
                        feed.yield(.message(message, generation: generation))
                    }
                } catch let error as DecodingError {
                    log.warning("a message from the gateway can't be read", ["reason": error.place])
                }
                await events.room()
            }
            feed.yield(.lost(nil, generation: generation))
        } catch let error as WebSocketClosed {
            channel.abort()
            feed.yield(.lost(error.closeCode == 1006 ? nil : error.closeCode, generation: generation))
        } catch {
            channel.abort()
            feed.yield(.lost(nil, generation: generation))
        }
    }

    func startWriting(to channel: WebSocketChannel) -> AsyncStream<String>.Continuation {
        let (texts, out) = AsyncStream.makeStream(of: String.self)
        Task {
            // When sending fails, the reader learns it too.
            for await text in texts { try? await channel.send(text: text) }
        }
        return out
    }

    func send(_ command: GatewayCommand, on connection: Connection?) {
        guard let out = connection?.out, let data = try? JSONEncoder.discord.encode(command) else { return }
        guard data.count <= 4096 else {
            // Discord would close the connection with 4002.
            log.error(
                "a command to the gateway is dropped",
                ["op": String(command.op), "reason": GatewayError.commandTooBig.message])
            return
        }
        out.yield(String(decoding: data, as: UTF8.self))
    }

    func close(_ code: GatewayCloseCode, _ shell: inout Shell) async {
        shell.generation += 1
        guard let connection = shell.connection else { return }
        shell.connection = nil
        connection.out?.finish()
        guard let channel = connection.channel else { return connection.reader.cancel() }
        let farewell = Task {
            await channel.close(code: WebSocketCloseCode(rawValue: UInt16(code.rawValue)))
            connection.reader.cancel()
        }
        // At the very end the goodbye must be out before the program is.
        if shell.session.phase == .stopped { await farewell.value }
    }

    func report(_ note: GatewaySession.Note) {
        switch note {
        case .disconnected(let code, let resuming):
            reconnects.increment()
            let fields = KeyValuePairs(
                dictionaryLiteral: ("code", code.map(String.init) ?? "-"), ("resuming", String(resuming)))
            log.warning("the gateway connection ended", fields)
        case .connectFailed: reconnects.increment()
        case .zombie:
            reconnects.increment()
            log.warning("the gateway no longer acknowledges heartbeats; reconnecting")
        case .invalidSession(let resumable):
            reconnects.increment()
            log.warning("Discord calls the session invalid", ["resumable": String(resumable)])
        case .askedToReconnect:
            reconnects.increment()
            log.info("Discord asks to reconnect")
        case .outOfSessions(let rest):
            log.error(
                "no session may be started for now: Discord's daily limit is used up",
                ["seconds": String(rest.components.seconds)])
        case .latency(let duration):
            latency.record(duration)
            events.put(.acknowledged)
        case .ready(let guilds): log.info("connected to Discord's gateway", ["guilds": String(guilds)])
        case .resumed: log.info("resumed the gateway session")
        }
    }
}
