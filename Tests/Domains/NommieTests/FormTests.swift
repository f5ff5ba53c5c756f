import Nommie
import Testing

struct FormTests {
    @Test func `a state is read as it was written, wherever the game stands`() throws {
        var places = 0
        let end = try wholeGame(seed: 5) { (state: GameState) throws in
            places += 1
            guard places % 7 == 0 else { return }
            #expect(try GameState(binary: state.binary) == state)
            #expect(state.binary.count <= 207)
        }
        #expect(try GameState(binary: end.binary) == end)
    }

    @Test(arguments: [0, 1, 2, 3, nil] as [Seat?]) func `a view is read as it was written`(viewer: Seat?) throws {
        var places = 0
        let end = try wholeGame(seed: 6) { (state: GameState) throws in
            places += 1
            guard places % 7 == 0 else { return }
            let view = state.view(for: viewer)
            #expect(try GameView(binary: view.binary) == view)
            #expect(view.binary.count <= 208)
        }
        #expect(try GameView(binary: end.view(for: viewer).binary) == end.view(for: viewer))
    }

    @Test func `every action has one byte, and every byte one action or none`() throws {
        var count = 0
        for code in UInt8.min...255 {
            guard let action = Action(code: code) else { continue }
            count += 1
            #expect(action.code == code)
            #expect(try Action(binary: action.binary) == action)
        }
        #expect(count == 14 + 5 + 52)
    }

    @Test func `a form cut short or with more behind it is refused`() throws {
        let state = try position(in: 5, after: 400)
        for count in 0..<state.binary.count {
            #expect(throws: FormError.self) { try GameState(binary: Array(state.binary.prefix(count))) }
        }
        #expect(throws: FormError.trailingBytes) { try GameState(binary: state.binary + [0]) }
        #expect(throws: FormError.trailingBytes) { try Action(binary: [1, 0x41, 3, 0]) }
    }

    @Test func `another version and another kind are refused by name`() throws {
        var bytes = GameState(seed: 1).binary
        #expect(throws: FormError.wrongKind) { try GameView(binary: bytes) }
        bytes[0] = 2
        #expect(throws: FormError.unknownVersion) { try GameState(binary: bytes) }
    }

    @Test func `one damaged byte gives another possible state or none`() throws {
        let bytes = try position(in: 5, after: 500).binary
        var refused = 0
        for place in 2..<bytes.count {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(bit)
                if let other = try? GameState(binary: damaged) {
                    #expect(other.binary == damaged)
                } else {
                    refused += 1
                }
            }
        }
        #expect(refused > bytes.count)
    }

    @Test func `a view with a card that was laid is refused`() throws {
        let state = try position(in: 5, after: 40)
        let played = state.table.played
        try #require(!played.isEmpty)
        var bytes = state.view(for: 0).binary
        let bit = played[0].code
        bytes[bytes.count - 8 + Int(bit / 8)] |= 1 << (bit % 8)
        #expect(throws: FormError.impossible) { try GameView(binary: bytes) }
    }

    @Test func `a last trick that was not in the hands, or that nobody's score allows, is refused`() throws {
        var state = GameState(seed: 1)
        try state.playRound(bids: [0, 0, 0, 0])
        let bytes = state.binary
        // Version, kind, seed, count, one round of five bytes, 1, leader, four cards, no moves.
        let start = 2 + 8 + 1 + 5
        try #require(bytes.count == start + 7 && bytes[start] == 1)
        for (place, value) in [(start + 1, (bytes[start + 1] + 1) % 4), (start + 2, bytes[start + 3])] {
            var damaged = bytes
            damaged[place] = value
            #expect(throws: FormError.impossible) { try GameState(binary: damaged) }
        }
        let winner = try #require(state.table.lastTrick).winner
        var robbed = bytes
        var tricks = Seat.all.map { state.sheet.rounds[0].tricks[$0] }
        tricks[winner.next.index] += tricks[winner.index]
        tricks[winner.index] = 0
        robbed[start - 3] = UInt8(tricks[0] | tricks[1] << 4)
        robbed[start - 2] = UInt8(tricks[2] | tricks[3] << 4)
        #expect(throws: FormError.impossible) { try GameState(binary: robbed) }
        robbed = Array(robbed[..<start]) + [0, 0]
        #expect(throws: FormError.impossible) { try GameState(binary: robbed) }
    }

    @Test func `a view is refused when the others can't hold what they must`() throws {
        // Three seats show that they lack spades and hearts: 33 cards would have to be among 20 diamonds and clubs.
        let cards = ["AS", "2C", "3C", "4C", "AH", "5C", "6C", "7C"]
        let moves = [Action.bid(1), .bid(1), .bid(1), .bid(1), .chooseTrump(.none)].map(\.code)
        func view(_ cards: [String]) -> [UInt8] {
            let laid = cards.compactMap { Card(rankLetter: Array($0.utf8)[0], suitLetter: Array($0.utf8)[1]) }
            return [1, 0x56, 4, 0, 0, UInt8(moves.count + laid.count)] + moves + laid.map { Action.play($0).code }
                + [UInt8](repeating: 0, count: 8)
        }
        #expect(try GameView(binary: view(Array(cards.prefix(4)))).table.tricksPlayed == 1)
        #expect(throws: FormError.impossible) { try GameView(binary: view(cards)) }
    }

    @Test func `JSON shows a seat its hand and its choices, and a spectator neither`() throws {
        let state = GameState(seed: 1)
        let own = String(decoding: state.view(for: 1).json, as: UTF8.self)
        #expect(
            own.hasPrefix(#"{"version":1,"viewer":1,"phase":"BIDDING","to_act":1,"round":{"number":1,"hand_size":13,"#))
        #expect(own.contains(#""bidding":{"min":0,"max":13,"barred":null}"#))
        #expect(own.contains(#""legal":[0,1,2,3,4,5,6,7,8,9,10,11,12,13]"#))
        let others = String(decoding: state.view(for: nil).json, as: UTF8.self)
        #expect(others.contains(#""hand":[],"legal":[]"#) && others.contains(#""viewer":null"#))
        #expect(!others.contains("seed"))
    }

    @Test func `JSON of actions names what is done`() throws {
        #expect(String(decoding: Action.bid(3).json, as: UTF8.self) == #"{"version":1,"bid":3}"#)
        #expect(
            String(decoding: Action.chooseTrump(.none).json, as: UTF8.self) == #"{"version":1,"trump":"NO_TRUMPS"}"#)
        #expect(
            String(decoding: Action.play(Card(.diamonds, rank: 8)).json, as: UTF8.self) == #"{"version":1,"card":"TD"}"#
        )
    }
}
