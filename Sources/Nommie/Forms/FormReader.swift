/// Takes a binary form apart from its front.
struct FormReader {
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
            let score = RoundScore(number: sheet.rounds.count + 1, bids: bids, tricks: tricks, trump: trump)
            guard sheet.allows(score) else { throw .impossible }
            sheet.add(score)
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
        guard let trump = sheet.rounds.last?.trump else { throw .impossible }
        var trick = Trick(leader: try seat())
        var cards = CardSet()
        for _ in 0..<4 {
            guard let card = Card(code: try byte()), !cards.contains(card) else { throw .impossible }
            cards.insert(card)
            trick.add(card, trump: trump)
        }
        return trick
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

extension ScoreSheet {
    /// Whether the rules can lead to this score after the rounds before.
    fileprivate func allows(_ score: RoundScore) -> Bool {
        let size = Schedule.handSize(round: score.number)
        let barred = zeroBarred
        var bids = 0
        var tricks = 0
        for seat in Seat.all {
            guard score.bids[seat] <= size, score.bids[seat] > 0 || !barred[seat] else { return false }
            bids += score.bids[seat]
            tricks += score.tricks[seat]
        }
        return bids != size && tricks == size
    }
}
