// A document is read as the binary forms are: from the rounds, the moves and what else can't be derived from them. The rest must
// agree with how that game would be written, so that no document that contradicts itself is accepted.
// Objects may have their members in any order, and white space may stand wherever JSON allows it.

extension Action {
    package init(json bytes: [UInt8]) throws(FormError) {
        let form = try JSONReader.form(bytes)
        guard case .object(let members) = form else { throw .wrongShape }
        var action: Action?
        for member in members where !member.name.spell("version") {
            guard action == nil else { throw .wrongShape }
            action = try member.value.action
        }
        guard let action else { throw .wrongShape }
        try form.expect(JSONReader.form(action.json))
        self = action
    }
}

extension GameState {
    package init(json bytes: [UInt8]) throws(FormError) {
        let form = try JSONReader.form(bytes)
        let seed = try form["seed"].seed
        let moves = try form["moves"].moves
        let sheet = try form["sheet"].roundsBeforeThis
        let lastTrick = try form.lastTrick(after: sheet, moves)
        try self.init(seed: seed, sheet: sheet, lastTrick: lastTrick, moves: moves)
        try form.expect(JSONReader.form(json))
    }
}

extension GameView {
    package init(json bytes: [UInt8]) throws(FormError) {
        let form = try JSONReader.form(bytes)
        let viewer = try form["viewer"].seatOrNobody
        let moves = try form["moves"].moves
        let sheet = try form["sheet"].roundsBeforeThis
        let lastTrick = try form.lastTrick(after: sheet, moves)
        let hand = try form["hand"].cards
        try self.init(viewer: viewer, sheet: sheet, lastTrick: lastTrick, hand: hand, moves: moves)
        try form.expect(JSONReader.form(json))
    }
}

extension JSONReader {
    /// A document of the version that is known here.
    fileprivate static func form(_ bytes: [UInt8]) throws(FormError) -> JSONValue {
        let form = try document(bytes)
        guard try form["version"].number == Int(Form.version) else { throw .unknownVersion }
        return form
    }
}

extension JSONValue {
    /// A bid as a number, a trump or a card by its code.
    fileprivate var action: Action {
        get throws(FormError) {
            if case .number(let tricks) = self {
                guard 0...13 ~= tricks else { throw .impossible }
                return .bid(tricks)
            }
            return try text.count == 2 ? .play(card) : .chooseTrump(trump)
        }
    }

    private var card: Card {
        get throws(FormError) {
            let letters = try text
            guard letters.count == 2, let card = Card(rankLetter: letters[0], suitLetter: letters[1]) else {
                throw .impossible
            }
            return card
        }
    }

    private var trump: Trump {
        get throws(FormError) {
            let letters = try text
            for code in UInt8(0)...4 {
                if let trump = Trump(rawValue: code), letters.spell(trump.code) { return trump }
            }
            throw .impossible
        }
    }

    private var seat: Seat {
        get throws(FormError) {
            let index = try number
            guard 0...3 ~= index else { throw .impossible }
            return Seat(index)
        }
    }

    fileprivate var seatOrNobody: Seat? {
        get throws(FormError) { isNull ? nil : try seat }
    }

    private var numbers: PerSeat<Int> {
        get throws(FormError) {
            let elements = try elements
            guard elements.count == 4 else { throw .impossible }
            var numbers = PerSeat(repeating: 0)
            for seat in Seat.all { numbers[seat] = try elements[seat.index].number }
            return numbers
        }
    }

    fileprivate var cards: CardSet {
        get throws(FormError) {
            var cards = CardSet()
            for element in try elements {
                let card = try element.card
                guard !cards.contains(card) else { throw .impossible }
                cards.insert(card)
            }
            return cards
        }
    }

    fileprivate var moves: [Action] {
        get throws(FormError) {
            var moves: [Action] = []
            for element in try elements { moves.append(try element.action) }
            return moves
        }
    }

    /// The finished rounds but that to which the moves belong, which a finished game has among them.
    fileprivate var roundsBeforeThis: ScoreSheet {
        get throws(FormError) {
            let rounds = try elements
            guard rounds.count <= Schedule.rounds else { throw .impossible }
            var sheet = ScoreSheet()
            for round in rounds.prefix(Schedule.rounds - 1) {
                try sheet.addRound(
                    bids: round["bids"].numbers, tricks: round["tricks"].numbers, trump: round["trump"].trump)
            }
            return sheet
        }
    }

    /// The seed is written as text: JavaScript's numbers have 53 bits.
    fileprivate var seed: UInt64 {
        get throws(FormError) {
            let digits = try text
            guard !digits.isEmpty, digits.count == 1 || digits[0] != 0x30 else { throw .impossible }
            var seed: UInt64 = 0
            for digit in digits {
                guard 0x30...0x39 ~= digit else { throw .impossible }
                let (tens, isTooHigh) = seed.multipliedReportingOverflow(by: 10)
                let (sum, isOver) = tens.addingReportingOverflow(UInt64(digit - 0x30))
                guard !isTooHigh, !isOver else { throw .impossible }
                seed = sum
            }
            return seed
        }
    }

    /// The trick of the round before, where the moves don't contain a later one.
    fileprivate func lastTrick(after sheet: ScoreSheet, _ moves: [Action]) throws(FormError) -> Trick? {
        guard moves.count < Table.movesToFirstTrick, !sheet.rounds.isEmpty else { return nil }
        let trick = try self["last_trick"]
        let leader = try trick["leader"].seat
        let bySeat = try trick["cards"].elements
        guard bySeat.count == 4 else { throw .impossible }
        var cards: [Card] = []
        for step in 0..<4 { cards.append(try bySeat[leader.advanced(by: step).index].card) }
        return try sheet.lastTrick(leader: leader, cards: cards)
    }
}
