// A state is written as its seed, the finished rounds and the actions since the last deal. docs/nommie.md shows the layout.

extension Action {
    /// Three bytes: version, kind, code.
    package var binary: [UInt8] { [Form.version, Form.Kind.action.rawValue, code] }

    package init(binary bytes: [UInt8]) throws(FormError) {
        var reader = try BinaryReader(bytes, .action)
        guard let action = Action(code: try reader.byte()) else { throw .impossible }
        try reader.end()
        self = action
    }
}

extension GameState {
    /// At most 207 bytes. Equal states have equal forms.
    package var binary: [UInt8] {
        var bytes = [Form.version, Form.Kind.state.rawValue]
        append(word: seed, to: &bytes)
        append(sheet, table, moves, to: &bytes)
        return bytes
    }

    package init(binary bytes: [UInt8]) throws(FormError) {
        var reader = try BinaryReader(bytes, .state)
        let seed = try reader.word()
        let sheet = try reader.sheet()
        let lastTrick = try reader.lastTrick(after: sheet)
        let moves = try reader.moves()
        try reader.end()
        try self.init(seed: seed, sheet: sheet, lastTrick: lastTrick, moves: moves)
    }
}

extension GameView {
    /// At most 208 bytes. Equal views have equal forms.
    package var binary: [UInt8] {
        var bytes = [Form.version, Form.Kind.view.rawValue, UInt8(truncatingIfNeeded: viewer?.index ?? 4)]
        append(sheet, table, moves, to: &bytes)
        append(word: hand.bits, to: &bytes)
        return bytes
    }

    package init(binary bytes: [UInt8]) throws(FormError) {
        var reader = try BinaryReader(bytes, .view)
        let viewerByte = try reader.byte()
        guard viewerByte <= 4 else { throw .impossible }
        let viewer = viewerByte == 4 ? nil : Seat(Int(viewerByte))
        let sheet = try reader.sheet()
        let lastTrick = try reader.lastTrick(after: sheet)
        let moves = try reader.moves()
        guard let hand = CardSet(bits: try reader.word()) else { throw .impossible }
        try reader.end()
        try self.init(viewer: viewer, sheet: sheet, lastTrick: lastTrick, hand: hand, moves: moves)
    }
}

private func append(word: UInt64, to bytes: inout [UInt8]) {
    for place in 0..<UInt64(8) { bytes.append(UInt8(truncatingIfNeeded: word >> (place * 8))) }
}

private func append(nibbles: PerSeat<Int>, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: nibbles[0] | nibbles[1] << 4))
    bytes.append(UInt8(truncatingIfNeeded: nibbles[2] | nibbles[3] << 4))
}

/// The rounds before the present one, the last trick where no move tells it, and the moves of the present round.
private func append(_ sheet: ScoreSheet, _ table: Table, _ moves: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: table.number - 1))
    for round in sheet.rounds where round.number < table.number {
        append(nibbles: round.bids, to: &bytes)
        append(nibbles: round.tricks, to: &bytes)
        bytes.append(round.trump.rawValue)
    }
    if table.tricksPlayed == 0, let trick = table.lastTrick {
        bytes.append(1)
        bytes.append(UInt8(truncatingIfNeeded: trick.leader.index))
        for step in 0..<4 { bytes.append(trick.card(of: trick.leader.advanced(by: step))?.code ?? 0) }
    } else {
        bytes.append(0)
    }
    bytes.append(UInt8(truncatingIfNeeded: moves.count))
    bytes += moves
}
