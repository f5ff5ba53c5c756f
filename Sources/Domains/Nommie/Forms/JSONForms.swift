extension Action {
    /// `{"version":1,"bid":3}`, `{"version":1,"trump":"NO_TRUMPS"}` or `{"version":1,"card":"AS"}`.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.number("version", Int(Form.version))
            switch self {
            case .bid(let tricks): $0.number("bid", tricks)
            case .chooseTrump(let trump): $0.text("trump", trump.code)
            case .play(let card): $0.card("card", card)
            }
        }
        return writer.bytes
    }
}

extension GameState {
    /// All hands, the score sheet and the seed: never shown to players.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.number("version", Int(Form.version))
            writer.text("seed", digits: seed)
            writer.table(table)
            writer.array("hands") { for seat in Seat.all { $0.cards(nil, hands[seat]) } }
            writer.moves(moves)
            writer.sheet(sheet)
        }
        return writer.bytes
    }
}

extension GameView {
    /// What one viewer may know. `legal` is empty unless it is the viewer's turn.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.number("version", Int(Form.version))
            writer.number("viewer", viewer?.index)
            writer.table(table)
            writer.cards("hand", hand)
            writer.array("legal") { for action in legalActions { $0.action(action) } }
            writer.moves(moves)
            writer.sheet(sheet)
            writer.array("winners") { writer in
                guard table.phase == .completed else { return }
                let leaders = sheet.leaders
                for seat in Seat.all where leaders[seat] { writer.number(nil, seat.index) }
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    /// A bid as a number, a trump or a card by its code.
    fileprivate mutating func action(_ action: Action) {
        switch action {
        case .bid(let tricks): number(nil, tricks)
        case .chooseTrump(let trump): text(nil, trump.code)
        case .play(let card): self.card(nil, card)
        }
    }

    fileprivate mutating func moves(_ codes: [UInt8]) {
        array("moves") { writer in
            for code in codes {
                if let action = Action(code: code) { writer.action(action) }
            }
        }
    }

    fileprivate mutating func table(_ table: Table) {
        text("phase", table.phase.code)
        number("to_act", table.phase == .completed ? nil : table.toAct.index)
        object("round") {
            $0.number("number", table.number)
            $0.number("hand_size", table.handSize)
            $0.number("dealer", table.dealer.index)
            $0.number("leader", table.dealer.next.index)
            $0.number("bid_winner", table.bidWinner?.index)
            $0.text("trump", table.trump?.code)
            $0.array("bids") { for seat in Seat.all { $0.number(nil, table.bids[seat]) } }
            $0.numbers("tricks_won", table.tricksWon)
        }
        if let constraints = table.bidConstraints {
            object("bidding") {
                $0.number("min", constraints.minimum)
                $0.number("max", constraints.maximum)
                $0.number("barred", constraints.barred)
            }
        }
        if table.phase == .trickPlay { trick("trick", table.trick, number: table.tricksPlayed + 1) }
        if let last = table.lastTrick { trick("last_trick", last, number: nil) }
    }

    private mutating func trick(_ key: StaticString, _ trick: Trick, number: Int?) {
        object(key) {
            if let number { $0.number("number", number) }
            $0.number("leader", trick.leader.index)
            $0.array("cards") { for seat in Seat.all { $0.card(nil, trick.card(of: seat)) } }
            $0.number("winner", trick.isWhole ? trick.winner.index : nil)
        }
    }

    fileprivate mutating func sheet(_ sheet: ScoreSheet) {
        numbers("totals", sheet.totals)
        array("sheet") { writer in
            for round in sheet.rounds {
                writer.object {
                    $0.number("round", round.number)
                    $0.text("trump", round.trump.code)
                    $0.numbers("bids", round.bids)
                    $0.numbers("tricks", round.tricks)
                    $0.array("points") { for seat in Seat.all { $0.number(nil, round.points(of: seat)) } }
                }
            }
        }
    }
}
