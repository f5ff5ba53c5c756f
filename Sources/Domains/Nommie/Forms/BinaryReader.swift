/// Takes a binary form apart from its front.
struct BinaryReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8], _ kind: Form.Kind) throws(FormError) {
        self.bytes = bytes
        guard try byte() == Form.version else { throw .unknownVersion }
        guard try byte() == kind.rawValue else { throw .wrongKind }
    }

    mutating func byte() throws(FormError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    /// Eight bytes, the lowest first.
    mutating func word() throws(FormError) -> UInt64 {
        var word: UInt64 = 0
        for place in 0..<8 { word |= UInt64(try byte()) << UInt64(place * 8) }
        return word
    }

    mutating func seat() throws(FormError) -> Seat {
        let index = try byte()
        guard index < 4 else { throw .impossible }
        return Seat(Int(index))
    }

    /// Four numbers of 0…15 in two bytes.
    mutating func nibbles() throws(FormError) -> PerSeat<Int> {
        let low = try byte()
        let high = try byte()
        var values = PerSeat(repeating: 0)
        values[0] = Int(low & 15)
        values[1] = Int(low >> 4)
        values[2] = Int(high & 15)
        values[3] = Int(high >> 4)
        return values
    }

    mutating func sheet() throws(FormError) -> ScoreSheet {
        let count = try byte()
        guard count < UInt8(Schedule.rounds) else { throw .impossible }
        var sheet = ScoreSheet()
        for _ in 0..<count {
            let bids = try nibbles()
            let tricks = try nibbles()
            guard let trump = Trump(rawValue: try byte()) else { throw .impossible }
            try sheet.addRound(bids: bids, tricks: tricks, trump: trump)
        }
        return sheet
    }

    /// The last trick of the round before, while it still is the last.
    mutating func lastTrick(after sheet: ScoreSheet) throws(FormError) -> Trick? {
        switch try byte() {
        case 0: return nil
        case 1: break
        default: throw .impossible
        }
        let leader = try seat()
        var cards: [Card] = []
        for _ in 0..<4 {
            guard let card = Card(code: try byte()) else { throw .impossible }
            cards.append(card)
        }
        return try sheet.lastTrick(leader: leader, cards: cards)
    }

    mutating func moves() throws(FormError) -> [Action] {
        var moves: [Action] = []
        for _ in 0..<(try byte()) {
            guard let action = Action(code: try byte()) else { throw .impossible }
            moves.append(action)
        }
        return moves
    }

    func end() throws(FormError) {
        guard position == bytes.count else { throw .trailingBytes }
    }
}
