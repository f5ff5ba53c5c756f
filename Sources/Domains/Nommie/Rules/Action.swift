/// A seat's move in its turn.
package enum Action: Sendable, Equatable {
    case bid(Int)
    case chooseTrump(Trump)
    case play(Card)

    /// The action as one byte: 0…13 a bid, 16…20 a choice of trump, from 64 a card.
    package var code: UInt8 {
        switch self {
        case .bid(let tricks): UInt8(clamping: min(max(tricks, 0), 15))
        case .chooseTrump(let trump): 16 + trump.rawValue
        case .play(let card): 64 + card.code
        }
    }

    /// Returns `nil` for a byte that is not an action's code.
    package init?(code: UInt8) {
        switch code {
        case 0...13: self = .bid(Int(code))
        case 16...20:
            guard let trump = Trump(rawValue: code - 16) else { return nil }
            self = .chooseTrump(trump)
        case 64...127:
            guard let card = Card(code: code - 64) else { return nil }
            self = .play(card)
        default: return nil
        }
    }
}

/// What a seat may do now: bids, trumps or cards, never a mixture.
package struct LegalActions: Sendable, Equatable {
    private let phase: Phase
    private let bits: UInt64

    static var nothing: LegalActions { LegalActions(phase: .completed, bits: 0) }
    static var trumps: LegalActions { LegalActions(phase: .trumpSelection, bits: 0b11111) }

    static func bids(_ constraints: BidConstraints) -> LegalActions {
        var bits: UInt64 = 0
        for bid in constraints.minimum...constraints.maximum where bid != constraints.barred {
            bits |= 1 << UInt64(bid)
        }
        return LegalActions(phase: .bidding, bits: bits)
    }

    static func cards(_ cards: CardSet) -> LegalActions { LegalActions(phase: .trickPlay, bits: cards.bits) }

    private init(phase: Phase, bits: UInt64) {
        self.phase = phase
        self.bits = bits
    }

    package var count: Int { bits.nonzeroBitCount }
    package var isEmpty: Bool { bits == 0 }
    /// The cards among the actions.
    package var cards: CardSet { phase == .trickPlay ? CardSet(unchecked: bits) : CardSet() }

    package func contains(_ action: Action) -> Bool {
        switch action {
        case .bid(let tricks): phase == .bidding && 0...13 ~= tricks && bits & (1 << UInt64(tricks)) != 0
        case .chooseTrump: phase == .trumpSelection
        case .play(let card): phase == .trickPlay && cards.contains(card)
        }
    }

    /// The action at this position: bids upwards, trumps as listed, cards by suit and rank.
    package subscript(place: Int) -> Action {
        precondition(place >= 0 && place < count)
        var rest = bits
        for _ in 0..<place { rest &= rest &- 1 }
        return action(UInt8(truncatingIfNeeded: rest.trailingZeroBitCount))
    }

    private func action(_ bit: UInt8) -> Action {
        switch phase {
        case .bidding: .bid(Int(bit))
        case .trumpSelection: .chooseTrump(Trump(rawValue: bit) ?? .none)
        case .trickPlay, .completed: .play(Card(unchecked: bit))
        }
    }
}

extension LegalActions: Sequence {
    /// Goes through the actions in their order.
    package struct Iterator: IteratorProtocol {
        let actions: LegalActions
        var rest: UInt64

        package mutating func next() -> Action? {
            guard rest != 0 else { return nil }
            defer { rest &= rest &- 1 }
            return actions.action(UInt8(truncatingIfNeeded: rest.trailingZeroBitCount))
        }
    }

    package func makeIterator() -> Iterator { Iterator(actions: self, rest: bits) }
    package var underestimatedCount: Int { count }
}
