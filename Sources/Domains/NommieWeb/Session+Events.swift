extension Session {
    /// An event as a kind and two bytes. For a scored round this is its number: the view has the score.
    func append(_ event: Event) {
        switch event {
        case .bidMade(let seat, let tricks): append(0, seat.index, tricks)
        case .trumpChosen(let seat, let trump): append(1, seat.index, Int(trump.rawValue))
        case .cardPlayed(let seat, let card): append(2, seat.index, Int(card.code))
        case .trickWon(let seat): append(3, seat.index, 0)
        case .roundScored(let score): append(4, score.number, 0)
        case .dealt(let round): append(5, round, 0)
        case .completed(let winners):
            var bits = 0
            for seat in Seat.all where winners[seat] { bits |= 1 << seat.index }
            append(6, bits, 0)
        }
    }

    private func append(_ kind: UInt8, _ first: Int, _ second: Int) {
        append(kind)
        append(first)
        append(second)
    }
}
