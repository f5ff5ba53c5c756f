import DiscordSandbox
import Testing

struct GatewayConversationTests {
    private func conversation() -> GatewayConversation {
        GatewayConversation(heartbeatInterval: .seconds(1), now: .zero)
    }
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func closeCode(_ action: GatewayConversation.Action?) -> Int? {
        if case .close(let code, _) = action { code } else { nil }
    }

    @Test func `heartbeats are acknowledged, also before identify`() {
        var conversation = conversation()
        let answer = conversation.received(bytes("{\"op\":1,\"d\":null}"), now: .milliseconds(1))
        #expect(answer == .send(["op": 11, "s": nil, "t": nil, "d": nil]))
    }

    @Test(arguments: [
        ("nonsense", 4002), ("[]", 4002), ("{\"d\":1}", 4002), ("{\"op\":1,\"d\":\"x\"}", 4002),
        ("{\"op\":8,\"d\":{}}", 4003),
        ("{\"op\":99}", 4003), ("{\"op\":2,\"d\":{}}", 4002), ("{\"op\":6,\"d\":{}}", 4002),
    ])
    func `what can't be understood closes the connection`(text: String, code: Int) {
        var conversation = conversation()
        #expect(closeCode(conversation.received(bytes(text), now: .milliseconds(1))) == code)
        #expect(conversation.received(bytes("{\"op\":1,\"d\":null}"), now: .milliseconds(2)) == nil)
    }

    @Test func `frames over 4096 bytes are refused`() {
        var conversation = conversation()
        let long = "{\"op\":1,\"d\":null,\"x\":\"" + String(repeating: "x", count: 4096) + "\"}"
        #expect(closeCode(conversation.received(bytes(long), now: .milliseconds(1))) == 4002)
    }

    @Test func `identifying twice and unknown operations have their codes`() {
        var conversation = conversation()
        conversation.accepted()
        var other = conversation
        let identify = bytes("{\"op\":2,\"d\":{\"token\":\"t\",\"properties\":{},\"intents\":1}}")
        #expect(closeCode(conversation.received(identify, now: .milliseconds(1))) == 4005)
        #expect(closeCode(other.received(bytes("{\"op\":99}"), now: .milliseconds(1))) == 4001)
    }

    @Test func `more than 120 frames a minute are too many`() {
        var conversation = conversation()
        for index in 0..<120 {
            #expect(closeCode(conversation.received(bytes("{\"op\":1,\"d\":null}"), now: .milliseconds(index))) == nil)
        }
        var later = conversation
        #expect(closeCode(conversation.received(bytes("{\"op\":1,\"d\":null}"), now: .milliseconds(200))) == 4008)
        #expect(closeCode(later.received(bytes("{\"op\":1,\"d\":null}"), now: .milliseconds(60_001))) == nil)
    }

    @Test func `a silent client is given up`() {
        var conversation = conversation()
        #expect(conversation.timerFired(now: .milliseconds(1500)) == nil)
        _ = conversation.received(bytes("{\"op\":1,\"d\":null}"), now: .milliseconds(1000))
        #expect(conversation.timerFired(now: .milliseconds(2400)) == nil)
        #expect(closeCode(conversation.timerFired(now: .milliseconds(2501))) == 4009)
    }
}
