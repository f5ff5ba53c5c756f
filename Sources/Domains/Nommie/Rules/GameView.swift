/// A game as one seat or a spectator sees it: the table, the score sheet and the viewer's own hand.
package struct GameView: Sendable, Equatable {
    /// `nil` for a spectator.
    package let viewer: Seat?
    package let table: Table
    package let sheet: ScoreSheet
    /// The viewer's cards; none for a spectator.
    package let hand: CardSet
    /// The codes of the actions since the last deal, which everybody has seen.
    package let moves: [UInt8]

    /// What the viewer may do now; nothing unless it is the viewer's turn.
    package var legalActions: LegalActions {
        guard let viewer, viewer == table.toAct else { return .nothing }
        return table.legalActions(hand: hand)
    }

    /// Cards that the viewer has not seen: in other hands, or not dealt.
    package var unseen: CardSet { CardSet.deck.subtracting(table.played).subtracting(hand) }
}

extension GameState {
    /// What a seat may see, or a spectator (`nil`).
    package func view(for viewer: Seat?) -> GameView {
        GameView(
            viewer: viewer, table: table, sheet: sheet, hand: viewer.map { hands[$0] } ?? CardSet(), moves: moves)
    }
}
