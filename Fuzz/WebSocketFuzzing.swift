import Wire

/// Messages come out the same however the frames are cut, never larger than the limit, and survive being written by the
/// other side.
enum WebSocketFuzzing {
    struct Outcome: Equatable {
        var messages: [WebSocketMessage] = []
        var error: WebSocketError?

        init(_ pieces: [[UInt8]], role: WebSocketRole, deflate: WebSocketDeflate?, limit: Int) {
            var codec = WebSocketCodec(role: role, limits: WebSocketLimits(message: limit), deflate: deflate)
            do throws(WebSocketError) {
                for piece in pieces {
                    codec.append(piece)
                    while let message = try codec.next() { messages.append(message) }
                    precondition(codec.bufferedBytes < 140)
                }
            } catch {
                self.error = error
                precondition(error.closeCode.isSendable)
            }
        }
    }

    static func run(_ input: [UInt8]) {
        guard let input = FuzzInput(input) else { return }
        let role: WebSocketRole = input.flags & 1 == 0 ? .client : .server
        let takesNoContextOver = input.flags & 4 == 0
        let deflate =
            input.flags & 2 == 0
            ? nil
            : WebSocketDeflate(
                serverTakesNoContextOver: takesNoContextOver, clientTakesNoContextOver: takesNoContextOver)
        let limit = 1000
        let whole = Outcome([input.bytes], role: role, deflate: deflate, limit: limit)
        precondition(whole == Outcome(input.pieces, role: role, deflate: deflate, limit: limit))

        var writer = WebSocketCodec(
            role: role == .client ? .server : .client, limits: WebSocketLimits(message: limit, smallestCompressed: 0),
            deflate: deflate)
        var frames: [UInt8] = []
        for message in whole.messages {
            switch message {
            case .text(let text):
                precondition(text.utf8.count <= limit)
                frames += writer.encode(text: text)
            case .binary(let bytes):
                precondition(bytes.count <= limit)
                frames += writer.encode(binary: bytes)
            case .ping(let bytes): frames += writer.encodePing(bytes)
            case .pong(let bytes): frames += writer.encodePong(bytes)
            case .close(let code, let reason): frames += writer.encodeClose(code, reason: reason)
            }
        }
        let again = Outcome([frames], role: role, deflate: deflate, limit: limit)
        precondition(again.error == nil && again.messages == whole.messages)
    }
}

/// No fields make the handshake fail other than by its error, and what a server agrees to, it can do.
enum HandshakeFuzzing {
    static func run(_ input: [UInt8]) {
        let lines = input.split(separator: 10, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard lines.count >= 2 else { return }
        let headers: Headers = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": lines.count > 2 ? lines[2] : "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Extensions": lines[0], "Sec-WebSocket-Protocol": lines[1],
        ]
        let head = RequestHead(method: "GET", target: "/", headers: headers)
        if let (response, agreement) = try? WebSocketHandshake.accept(head, subprotocols: ["a"]) {
            precondition(response.status == 101)
            var codec = WebSocketCodec(role: .server, deflate: agreement.deflate)
            _ = codec.encode(text: String(repeating: "x", count: 200))
        }
        let client = WebSocketClientHandshake(nonce: [UInt8](repeating: 0, count: 16))
        var answer: Headers = [
            "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Accept": WebSocketHandshake.acceptKey(for: "AAAAAAAAAAAAAAAAAAAAAA=="),
        ]
        answer.add("Sec-WebSocket-Extensions", lines[0])
        _ = try? client.verify(ResponseHead(status: 101, headers: answer))
    }
}
