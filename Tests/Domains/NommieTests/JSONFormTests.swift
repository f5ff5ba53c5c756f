import Foundation
import Nommie
import Testing

struct JSONFormTests {
    @Test(arguments: [11, 12, 13] as [UInt64])
    func `a state is read as it was written, wherever the game stands`(seed: UInt64) throws {
        var places = 0
        let end = try wholeGame(seed: seed) { (state: GameState) throws in
            places += 1
            guard places % 7 == 0 else { return }
            #expect(try GameState(json: state.json) == state)
        }
        #expect(try GameState(json: end.json) == end)
    }

    @Test(arguments: [0, 1, 2, 3, nil] as [Seat?]) func `a view is read as it was written`(viewer: Seat?) throws {
        var places = 0
        let end = try wholeGame(seed: 14) { (state: GameState) throws in
            places += 1
            guard places % 7 == 0 else { return }
            let view = state.view(for: viewer)
            #expect(try GameView(json: view.json) == view)
        }
        #expect(try GameView(json: end.view(for: viewer).json) == end.view(for: viewer))
    }

    @Test func `every action is read as it was written`() throws {
        for code in UInt8.min...255 {
            guard let action = Action(code: code) else { continue }
            #expect(try Action(json: action.json) == action)
        }
    }

    @Test func `what another program writes is read, with members in any order and white space`() throws {
        let state = try position(in: 5, after: 200)
        for view in [state.view(for: 2), state.view(for: nil)] {
            #expect(try GameView(json: rewritten(view.json)) == view)
        }
        #expect(try GameState(json: rewritten(state.json)) == state)
        #expect(try Action(json: Array(" { \"bid\" :\t3 ,\r\n\"version\": 1 } ".utf8)) == .bid(3))
    }

    @Test func `a document cut short or with more behind it is refused`() throws {
        let written = try position(in: 5, after: 60).json
        for count in 0..<written.count {
            #expect(throws: FormError.truncated) { try GameState(json: Array(written.prefix(count))) }
        }
        #expect(throws: FormError.trailingBytes) { try GameState(json: written + [0x7D]) }
        #expect(throws: FormError.trailingBytes) { try Action(json: Action.bid(1).json + Array(" 1".utf8)) }
    }

    @Test(
        arguments: [
            ("", .truncated), ("{", .truncated), ("nul", .truncated), ("{\"version\":1,\"bid\":3", .truncated),
            ("{]", .malformed), ("{\"version\":1,}", .malformed), ("{\"version\" 1}", .malformed),
            ("{version:1}", .malformed),
            ("[1,]", .malformed), ("[1 2]", .malformed), ("nulL", .malformed),
            ("{\"version\":01,\"bid\":3}", .malformed),
            ("{\"version\":1,\"trump\":\"\n\"}", .malformed), ("'", .malformed), ("\u{FEFF}{}", .malformed),
            ("{\"version\":2,\"bid\":3}", .unknownVersion), ("{\"version\":0,\"bid\":3}", .unknownVersion),
            ("{}", .wrongShape), ("[]", .wrongShape), ("null", .wrongShape), ("true", .wrongShape),
            ("{\"version\":1}", .wrongShape), ("{\"bid\":3}", .wrongShape),
            ("{\"version\":\"1\",\"bid\":3}", .wrongShape),
            ("{\"version\":1,\"bid\":3,\"bid\":3}", .wrongShape),
            ("{\"version\":1,\"bid\":3,\"card\":\"AS\"}", .wrongShape),
            ("{\"version\":1,\"card\":3}", .wrongShape), ("{\"version\":1,\"bid\":\"AS\"}", .wrongShape),
            ("{\"version\":1,\"trump\":\"AS\"}", .wrongShape), ("{\"version\":1,\"bid\":null}", .wrongShape),
            ("{\"version\":1,\"bid\":false}", .wrongShape), ("{\"version\":1,\"card\":\"\\u0041S\"}", .wrongShape),
            ("{\"version\":1,\"card\":\"Äs\"}", .wrongShape),
            ("{\"version\":1,\"bid\":14}", .impossible), ("{\"version\":1,\"bid\":-1}", .impossible),
            ("{\"version\":1,\"bid\":3.0}", .impossible), ("{\"version\":1,\"bid\":3e0}", .impossible),
            ("{\"version\":1,\"bid\":99999999999999999999}", .impossible),
            ("{\"version\":1,\"card\":\"1S\"}", .impossible),
            ("{\"version\":1,\"card\":\"as\"}", .impossible), ("{\"version\":1,\"trump\":\"NONE\"}", .impossible),
        ] as [(String, FormError)])
    func `what is not an action is refused, and the fault is named`(text: String, fault: FormError) {
        #expect(throws: fault) { try Action(json: Array(text.utf8)) }
    }

    @Test func `a document too long or too deep is refused before it is looked at`() {
        let spaces = [UInt8](repeating: 0x20, count: 16384)
        #expect(throws: FormError.tooLong) { try Action(json: Action.bid(1).json + spaces) }
        let deep = "{\"version\":" + String(repeating: "[", count: 10_000)
        #expect(throws: FormError.tooDeep) { try Action(json: Array(deep.utf8)) }
        let members = (0..<40).map { "\"\($0)\":1" }.joined(separator: ",")
        #expect(throws: FormError.wrongShape) { try Action(json: Array("{\(members)}".utf8)) }
    }

    @Test(arguments: [
        (#""phase":"TRICK_PLAY""#, #""phase":"BIDDING""#), (#""hand_size":12"#, #""hand_size":11"#),
        (#""dealer":1"#, #""dealer":2"#), (#""totals":["#, #""totals":[9"#), (#""points":["#, #""points":[1"#),
        (#""seed":"5""#, #""seed":"6""#), (#""seed":"5""#, #""seed":"18446744073709551616""#),
        (#""seed":"5""#, #""seed":"05""#), (#""seed":"5""#, #""seed":"""#), (#""to_act":"#, #""to_act":9"#),
        (#""viewer":0"#, #""viewer":4"#), (#""viewer":0"#, #""viewer":1"#), (#""viewer":0"#, #""viewer":null"#),
    ])
    func `a document that contradicts itself is refused`(told: String, instead: String) throws {
        let state = try position(in: 5, after: 80)
        try #require(state.table.number == 2 && state.table.phase == .trickPlay)
        let isOfView = told.contains("viewer")
        let written = String(decoding: isOfView ? state.view(for: 0).json : state.json, as: UTF8.self)
        let damaged = Array(written.replacing(told, with: instead, maxReplacements: 1).utf8)
        try #require(damaged != Array(written.utf8))
        #expect(throws: FormError.impossible) {
            if isOfView { _ = try GameView(json: damaged) } else { _ = try GameState(json: damaged) }
        }
    }

    @Test func `a form of another kind, and one with a member too many or too few, are refused`() throws {
        let state = GameState(seed: 1)
        #expect(throws: FormError.wrongShape) { try GameState(json: state.view(for: 0).json) }
        #expect(throws: FormError.wrongShape) { try GameView(json: state.json) }
        let written = String(decoding: state.json, as: UTF8.self)
        for damaged in [
            written.replacing("{\"version\":1,", with: "{\"version\":1,\"note\":1,"),
            written.replacing(",\"barred\":null", with: ""), written.replacing("\"totals\"", with: "\"total\""),
        ] {
            #expect(throws: FormError.wrongShape) { try GameState(json: Array(damaged.utf8)) }
        }
    }

    @Test func `one changed byte gives another possible state or none`() throws {
        let written = try position(in: 5, after: 130).json
        var refused = 0
        for place in 0..<written.count {
            for letter in Array("0123456789ACDHS\",:[]{} ".utf8) where written[place] != letter {
                var damaged = written
                damaged[place] = letter
                if let other = try? GameState(json: damaged) {
                    #expect(try GameState(binary: other.binary) == other)
                    #expect(try GameState(json: other.json) == other)
                } else {
                    refused += 1
                }
            }
        }
        #expect(refused > written.count * 20)
    }

    /// Foundation writes an object's members in an order of its own, one a line.
    private func rewritten(_ json: [UInt8]) throws -> [UInt8] {
        let document = try JSONSerialization.jsonObject(with: Data(json))
        return Array(try JSONSerialization.data(withJSONObject: document, options: [.prettyPrinted]))
    }
}
