import Testing
import Wire

@Suite(.tags(.wire)) struct WebSocketCodecTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        var name: String
        var role = WebSocketRole.client
        var deflate = false
        var bytes: [UInt8]
        var messages: [WebSocketMessage] = []
        var error: (WebSocketCloseCode, String)?
        var testDescription: String { name }
    }

    /// RFC 6455 §5.7, and beyond.
    static let wellFormed = [
        Vector(name: "text", bytes: hex("81 05 48656c6c6f"), messages: [.text("Hello")]),
        Vector(
            name: "masked text", role: .server, bytes: hex("81 85 37fa213d 7f9f4d5158"), messages: [.text("Hello")]),
        Vector(name: "fragments", bytes: hex("01 03 48656c 80 02 6c6f"), messages: [.text("Hello")]),
        Vector(
            name: "a ping between fragments, one of them empty",
            bytes: hex("01 03 48656c 00 00 89 05 48656c6c6f 80 02 6c6f"),
            messages: [.ping(Array("Hello".utf8)), .text("Hello")]),
        Vector(
            name: "a masked pong", role: .server, bytes: hex("8a 85 37fa213d 7f9f4d5158"),
            messages: [.pong(Array("Hello".utf8))]),
        Vector(
            name: "126 and 127 bytes, then empty ones",
            bytes: hex("82 7e 007e") + [UInt8](repeating: 1, count: 126) + hex("82 7e 007f")
                + [UInt8](repeating: 2, count: 127) + hex("8200 8100 8900"),
            messages: [
                .binary([UInt8](repeating: 1, count: 126)), .binary([UInt8](repeating: 2, count: 127)), .binary([]),
                .text(""), .ping([]),
            ]),
        Vector(
            name: "a character over three fragments", bytes: hex("01 01 e2 00 01 82 80 01 ac"), messages: [.text("€")]),
        Vector(
            name: "close, and nothing after it", bytes: hex("88 05 03e8 627965 81 01 41"),
            messages: [.close(.normal, reason: "bye")]),
        Vector(name: "close without a code", bytes: hex("88 00"), messages: [.close(.noStatus, reason: "")]),
        Vector(
            name: "close within a message, with a private code", bytes: hex("01 01 41 88 02 1387"),
            messages: [.close(4999, reason: "")]),
        // RFC 7692 §7.2.3.
        Vector(
            name: "compressed", deflate: true, bytes: hex("c1 07 f248cdc9c90700"), messages: [.text("Hello")]),
        Vector(
            name: "compressed in fragments, a ping between", deflate: true,
            bytes: hex("41 03 f248cd 8900 80 04 c9c90700"), messages: [.ping([]), .text("Hello")]),
        Vector(
            name: "compressed without compression", deflate: true, bytes: hex("c1 0b 00 0500 faff 48656c6c6f 00"),
            messages: [.text("Hello")]),
        Vector(
            name: "compressed with a last block", deflate: true, bytes: hex("c1 08 f348cdc9c9070000"),
            messages: [.text("Hello")]),
        Vector(
            name: "compressed in two blocks", deflate: true, bytes: hex("c1 0d f24805000000ffffcac9c90700"),
            messages: [.text("Hello")]),
        Vector(
            name: "compressed nothing, then plain", deflate: true, bytes: hex("c2 01 00 81 01 41"),
            messages: [.binary([]), .text("A")]),
    ]

    static let malformed = [
        Vector(name: "reserved bit 1 without an agreement", bytes: hex("c1 00"), error: (1002, "reserved_bits")),
        Vector(name: "reserved bit 2", deflate: true, bytes: hex("a1 00"), error: (1002, "reserved_bits")),
        Vector(name: "reserved bit 3", deflate: true, bytes: hex("91 00"), error: (1002, "reserved_bits")),
        Vector(
            name: "compressed continuation", deflate: true, bytes: hex("41 00 c0 00"), error: (1002, "reserved_bits")),
        Vector(name: "compressed ping", deflate: true, bytes: hex("c9 00"), error: (1002, "reserved_bits")),
        Vector(name: "data opcode 3", bytes: hex("83"), error: (1002, "unknown_opcode")),
        Vector(name: "control opcode 11", bytes: hex("8b"), error: (1002, "unknown_opcode")),
        Vector(name: "masked by a server", bytes: hex("81 80"), error: (1002, "wrong_masking")),
        Vector(name: "not masked by a client", role: .server, bytes: hex("81 00"), error: (1002, "wrong_masking")),
        Vector(name: "fragmented ping", bytes: hex("09 00"), error: (1002, "malformed_control_frame")),
        Vector(name: "long ping", bytes: hex("89 7e"), error: (1002, "malformed_control_frame")),
        Vector(name: "16-bit length for 125", bytes: hex("82 7e 007d"), error: (1002, "malformed_length")),
        Vector(
            name: "64-bit length for 65535", bytes: hex("82 7f 000000000000ffff"), error: (1002, "malformed_length")),
        Vector(name: "negative length", bytes: hex("82 7f 8000000000010000"), error: (1002, "malformed_length")),
        Vector(name: "continuation of nothing", bytes: hex("80 00"), error: (1002, "unexpected_continuation")),
        Vector(
            name: "continuation after the end", bytes: hex("81 00 80 00"), messages: [.text("")],
            error: (1002, "unexpected_continuation")),
        Vector(name: "text within text", bytes: hex("01 01 41 81 01 42"), error: (1002, "unfinished_message")),
        Vector(name: "close of one byte", bytes: hex("88 01 03"), error: (1002, "malformed_close")),
        Vector(name: "close with bad text", bytes: hex("88 03 03e8 ff"), error: (1007, "malformed_text")),
        Vector(name: "bad text", bytes: hex("81 05 41ff"), error: (1007, "malformed_text")),
        Vector(name: "bad text in a fragment", bytes: hex("01 01 e2 00 02 8241"), error: (1007, "malformed_text")),
        Vector(name: "a character cut off", bytes: hex("01 01 e2 80 01 82"), error: (1007, "malformed_text")),
        Vector(name: "an overlong character", bytes: hex("81 04 f080"), error: (1007, "malformed_text")),
        Vector(name: "a surrogate", bytes: hex("81 06 eda0"), error: (1007, "malformed_text")),
        Vector(name: "beyond Unicode", bytes: hex("81 06 f490"), error: (1007, "malformed_text")),
        Vector(name: "too big", bytes: hex("82 7e 03e9"), error: (1009, "message_too_big")),
        Vector(name: "far too big", bytes: hex("82 7f 7fffffffffffffff"), error: (1009, "message_too_big")),
        Vector(
            name: "too big together", bytes: hex("02 01 00 80 7e 03e8"), error: (1009, "message_too_big")),
        Vector(name: "damaged", deflate: true, bytes: hex("c1 02 ffff"), error: (1007, "malformed_compression")),
        Vector(
            name: "bad text, compressed", deflate: true,
            bytes: WebSocketFrame.encode(
                .text, Deflater(format: .raw).deflate([0x41, 0xFF], flush: .sync).dropLast(4), isCompressed: true),
            error: (1007, "malformed_text")),
        Vector(
            name: "damaged after bad text", deflate: true, bytes: hex("c1 07 f2ffff12ff48cd"),
            error: (1007, "malformed_text")),
        Vector(
            name: "a bomb", deflate: true,
            bytes: WebSocketFrame.encode(
                .binary, Deflater(format: .raw).deflate([UInt8](repeating: 0, count: 1001), flush: .sync).dropLast(4),
                isCompressed: true), error: (1009, "message_too_big")),
    ]

    @Test(arguments: wellFormed + malformed)
    func `frames are read the same however they are cut`(vector: Vector) {
        for pieces in splits(vector.bytes) {
            let reading = WebSocketReading(
                pieces, role: vector.role, limits: WebSocketLimits(message: 1000),
                deflate: vector.deflate ? WebSocketDeflate() : nil)
            #expect(reading.messages == vector.messages)
            #expect(reading.error?.closeCode == vector.error?.0)
            #expect(reading.error?.code == vector.error?.1)
            #expect(reading.bufferedBytes == 0)
        }
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65535] as [UInt16])
    func `a close code that no frame may carry is refused`(code: UInt16) {
        let reading = WebSocketReading([[0x88, 2, UInt8(code >> 8), UInt8(code & 255)]])
        #expect(reading.error?.code == "malformed_close")
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
    func `a close code that a frame may carry is read back`(code: UInt16) {
        var codec = WebSocketCodec(role: .server)
        let reading = WebSocketReading([codec.encodeClose(WebSocketCloseCode(rawValue: code), reason: "é")])
        #expect(reading.messages == [.close(WebSocketCloseCode(rawValue: code), reason: "é")])
    }

    @Test func `a close frame always fits and always is allowed`() {
        var codec = WebSocketCodec(role: .server)
        let long = codec.encodeClose(.goingAway, reason: String(repeating: "é", count: 100))
        #expect(
            WebSocketReading([long]).messages == [.close(.goingAway, reason: String(repeating: "é", count: 61))])
        #expect(WebSocketReading([codec.encodeClose(.abnormal)]).messages == [.close(.normal, reason: "")])
        #expect(WebSocketReading([codec.encodeClose(.noStatus)]).messages == [.close(.noStatus, reason: "")])
    }

    static let deflates: [WebSocketDeflate?] = [
        nil, WebSocketDeflate(),
        WebSocketDeflate(serverTakesNoContextOver: false, clientTakesNoContextOver: false),
        WebSocketDeflate(serverWindowBits: 9, clientWindowBits: 10),
    ]

    @Test(arguments: WebSocketRole.allCases, deflates)
    func `what one side writes the other reads`(role: WebSocketRole, deflate: WebSocketDeflate?) throws {
        var writer = WebSocketCodec(role: role, deflate: deflate)
        var reader = WebSocketCodec(role: role == .client ? .server : .client, deflate: deflate)
        for count in [0, 1, 7, 125, 126, 127, 128, 4096, 65_535, 65_536, 200_000] {
            let text = String(repeating: "añ€😀", count: count / 10) + String(repeating: "x", count: count % 10)
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 5) }
            reader.append(writer.encode(text: text))
            reader.append(writer.encode(binary: bytes))
            reader.append(writer.encodePing([1, 2]))
            reader.append(writer.encodePong())
            #expect(try reader.next() == .text(text))
            #expect(try reader.next() == .binary(bytes))
            #expect(try reader.next() == .ping([1, 2]))
            #expect(try reader.next() == .pong([]))
            #expect(try reader.next() == nil)
            #expect(reader.bufferedBytes == 0)
        }
    }

    @Test func `a context that is taken over makes repeated messages small`() throws {
        let deflate = WebSocketDeflate(serverTakesNoContextOver: false)
        var server = WebSocketCodec(role: .server, deflate: deflate)
        var client = WebSocketCodec(role: .client, deflate: deflate)
        let text = (0..<400).map { String($0 &* 7919 % 1000, radix: 36) }.joined()
        let first = server.encode(text: text)
        let second = server.encode(text: text)
        #expect(second.count < first.count / 10)
        client.append(first + second)
        #expect(try client.next() == .text(text))
        #expect(try client.next() == .text(text))
    }

    @Test func `a frame for many is read by each`() {
        let text = String(repeating: "state ", count: 100)
        #expect(WebSocketReading([WebSocketCodec.sharedFrame(text: text)]).messages == [.text(text)])
    }

    @Test func `masks differ from frame to frame`() {
        var client = WebSocketCodec(role: .client)
        #expect(Set((0..<20).map { _ in client.encode(text: "same") }).count > 15)
    }
}
