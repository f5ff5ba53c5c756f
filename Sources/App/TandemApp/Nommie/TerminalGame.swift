import Nommie

/// A game of one person against three programs, line by line: it needs no colours, no cursor and no raw mode.
struct TerminalGame {
    private var state: GameState
    private let seat: Seat
    private let opponent: Player
    private let clears: Bool
    private let read: () -> String?
    private let write: (String) -> Void
    private var chance: Chance
    /// What happened since the person's last turn.
    private var news: [String] = []

    init(
        seed: UInt64, seat: Seat, opponent: Player, clears: Bool, read: @escaping () -> String?,
        write: @escaping (String) -> Void
    ) {
        state = GameState(seed: seed)
        self.seat = seat
        self.opponent = opponent
        self.clears = clears
        self.read = read
        self.write = write
        chance = Chance(seed: seed, stream: 1 << 32)
    }

    /// Plays until the game or the input ends.
    mutating func play() {
        news.append("Nommie, game \(state.seed). You sit at seat \(seat.index).")
        while !state.isCompleted {
            guard let action = state.table.toAct == seat ? ask() : choose() else {
                write("\nYou left in round \(state.table.number). `--seed \(state.seed)` deals the same game again.\n")
                return
            }
            perform(action)
        }
        tellNews()
        write(sheet)
        let winners = Seat.all.filter { state.sheet.leaders[$0] }.map { name($0) }
        write("\(winners.joined(separator: " and ")) \(winners == ["You"] || winners.count > 1 ? "win" : "wins").\n")
    }

    private mutating func choose() -> Action? {
        opponent.action(in: state.view(for: state.table.toAct), chance: &chance)
    }

    private mutating func perform(_ action: Action) {
        do {
            news += try state.apply(action, by: state.table.toAct).events.compactMap(sentence)
        } catch {
            news.append("\(error.message)")
        }
    }

    /// Nothing where the person leaves.
    private mutating func ask() -> Action? {
        showTable()
        while true {
            write("\(prompt) > ")
            guard let line = read() else { return nil }
            let word = line.filter { !$0.isWhitespace }.uppercased()
            switch word {
            case "Q", "QUIT", "EXIT": return nil
            case "?", "HELP": write(help)
            case "SHEET": write(sheet)
            case "": showTable()
            default:
                guard let action = action(word) else {
                    write("“\(line.prefix(40))” is nothing to do now. Type ? for help.\n")
                    continue
                }
                guard let violation = state.violation(of: action, by: seat) else { return action }
                write("\(violation.message)\n")
            }
        }
    }

    private func action(_ word: String) -> Action? {
        switch state.table.phase {
        case .bidding: return Int(word).map { .bid($0) }
        case .trumpSelection:
            switch word {
            case "C": return .chooseTrump(.clubs)
            case "D": return .chooseTrump(.diamonds)
            case "H": return .chooseTrump(.hearts)
            case "S": return .chooseTrump(.spades)
            case "N", "NT", "NO_TRUMPS": return .chooseTrump(.none)
            default: return nil
            }
        case .trickPlay, .completed:
            let letters = Array((word.hasPrefix("10") ? "T" + word.dropFirst(2) : word).utf8)
            guard letters.count == 2 else { return nil }
            return
                (Card(rankLetter: letters[0], suitLetter: letters[1])
                ?? Card(rankLetter: letters[1], suitLetter: letters[0])).map { .play($0) }
        }
    }

    private mutating func showTable() {
        if clears { write("\u{1B}[2J\u{1B}[H") }
        tellNews()
        write(screen)
    }

    private mutating func tellNews() {
        for line in news { write("  \(line)\n") }
        news = []
    }
}

// What the person reads.
extension TerminalGame {
    private func name(_ other: Seat) -> String { other == seat ? "You" : "Seat \(other.index)" }

    private func sentence(_ event: Event) -> String? {
        switch event {
        case .bidMade(let who, let tricks): "\(name(who)) bid \(tricks)."
        case .trumpChosen(let who, let trump): "\(name(who)) chose \(words(trump))."
        case .cardPlayed(let who, let card): "\(name(who)) laid \(card.name)."
        case .trickWon(let who): "\(name(who)) took the trick."
        case .roundScored(let score):
            "Round \(score.number) scored: "
                + Seat.all.map { "\(name($0)) \(score.points(of: $0))" }.joined(separator: ", ") + "."
        case .dealt(let round): "Round \(round) is dealt."
        case .completed: nil
        }
    }

    private func words(_ trump: Trump?) -> String {
        switch trump {
        case .clubs: "clubs (C)"
        case .diamonds: "diamonds (D)"
        case .hearts: "hearts (H)"
        case .spades: "spades (S)"
        case Trump.none?: "no trumps"
        case nil: "not chosen yet"
        }
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func line(_ trick: Trick) -> String {
        (0..<4).compactMap { step in
            let who = trick.leader.advanced(by: step)
            return trick.card(of: who).map { "\(name(who)) \($0.name)" }
        }.joined(separator: ", ")
    }

    private var screen: String {
        let view = state.view(for: seat)
        let table = view.table
        var text =
            "\nRound \(table.number) of \(Schedule.rounds), \(table.handSize) cards, trump: \(words(table.trump))\n"
        text += pad("", 8) + pad("bid", 6) + pad("won", 6) + pad("total", 8) + "\n"
        for who in Seat.all {
            text += "  " + name(who) + String(repeating: " ", count: 6 - name(who).count)
            text += pad(table.bids[who].map { "\($0)" } ?? "-", 6) + pad("\(table.tricksWon[who])", 6)
            text += pad("\(view.sheet.totals[who])", 8) + (who == table.dealer ? "  deals" : "") + "\n"
        }
        if let last = table.lastTrick { text += "Last trick: \(line(last)); \(name(last.winner)) took it\n" }
        if table.phase == .trickPlay {
            let lies = line(table.trick)
            text += "Trick \(table.tricksPlayed + 1): \(lies.isEmpty ? "you lead" : lies)\n"
        }
        return text + "Your hand: \(cards(view.hand))\n(? for help)\n"
    }

    /// Suits apart, the highest card first.
    private func cards(_ set: CardSet) -> String {
        [Suit.spades, .hearts, .diamonds, .clubs].map { suit in
            Array(set.of(suit)).reversed().map { $0.name }.joined(separator: " ")
        }.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    private var prompt: String {
        let legal = state.legalActions
        switch state.table.phase {
        case .bidding:
            let bids = legal.compactMap { if case .bid(let tricks) = $0 { "\(tricks)" } else { nil } }
            return "Your bid (\(bids.joined(separator: " ")))"
        case .trumpSelection: return "Your trump (C D H S, or N for no trumps)"
        case .trickPlay, .completed: return "Your card (\(cards(legal.cards)))"
        }
    }

    private var help: String {
        """
          A bid is a number. A trump is C, D, H or S, or N for none.
          A card is rank and suit, either first: AS, td, 10D, C7.
          ?      this help            sheet  the score sheet
          Enter  the table again      q      leave

        """
    }

    /// The finished rounds, in two columns once there are many: all 26 fit a terminal of 80 by 24.
    private var sheet: String {
        let rounds = state.sheet.rounds
        guard !rounds.isEmpty else { return "  No round is finished yet.\n" }
        let height = rounds.count > 13 ? (rounds.count + 1) / 2 : rounds.count
        let columns = stride(from: 0, to: rounds.count, by: height).map { rounds[$0..<min($0 + height, rounds.count)] }
        let heading = pad("", 3) + Seat.all.map { pad(name($0), 9) }.joined()
        var text = "\n" + columns.map { _ in heading }.joined() + "\n"
        for row in 0..<height {
            text += columns.compactMap { $0.dropFirst(row).first.map(line) }.joined() + "\n"
        }
        return text + "sum" + Seat.all.map { pad("\(state.sheet.totals[$0])", 9) }.joined()
            + "   (tricks/bid points)\n"
    }

    private func line(_ round: RoundScore) -> String {
        pad("\(round.number)", 3)
            + Seat.all.map { who in
                let points = pad("\(round.points(of: who))", 3)
                return pad("\(round.tricks[who])/\(round.bids[who])\(points)", 9)
            }.joined()
    }
}
