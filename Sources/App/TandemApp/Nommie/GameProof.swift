import Nommie

/// Plays one random game and checks at every step what must always hold.
struct GameProof {
    private let seed: UInt64
    private var state: GameState
    private var chance: Chance
    private var actions: [Action] = []
    private var totals = [0, 0, 0, 0]

    init(seed: UInt64) {
        self.seed = seed
        state = GameState(seed: seed)
        chance = Chance(seed: seed, stream: 1 << 34)
    }

    /// - Returns: what did not hold, if anything.
    mutating func run() -> String? {
        while !state.isCompleted {
            if let broken = position() { return "\(broken), before action \(actions.count)" }
            if let broken = step() { return "\(broken), at action \(actions.count)" }
        }
        if let broken = position() { return broken }
        guard actions.count >= 26 * 5 + 184 * 4 else { return "the game is too short" }
        var replayed = GameState(seed: seed)
        for action in actions {
            do { try replayed.apply(action, by: replayed.table.toAct) } catch {
                return "the replay breaks \(error.code)"
            }
        }
        return replayed == state ? nil : "the replay ends in another state"
    }

    private mutating func step() -> String? {
        let legal = state.legalActions
        if legal.isEmpty { return "nothing is possible" }
        if actions.count % 37 == 0, let broken = refusals(legal) { return broken }
        if actions.count % 61 == 0, let broken = binaryForms() { return broken }
        if actions.count % 241 == 0, let broken = jsonForms() { return broken }
        let before = state
        let action = legal[chance.next(below: legal.count)]
        let transition: Transition
        do { transition = try state.apply(action, by: before.table.toAct) } catch {
            return "a legal action breaks \(error.code)"
        }
        actions.append(action)
        return turn(before, transition) ?? scores(before, transition)
    }

    /// Cards are where they belong, and no player sees another's.
    private func position() -> String? {
        var all = state.table.played
        var count = all.count
        for seat in Seat.all {
            let hand = state.hands[seat]
            if hand.count != (state.isCompleted ? 0 : state.table.cardsHeld(by: seat)) {
                return "a hand has the wrong size"
            }
            all = all.union(hand)
            count += hand.count
            let view = state.view(for: seat)
            if view.hand != hand || !view.hand.intersection(state.table.played).isEmpty {
                return "a view shows the wrong hand"
            }
            if view.legalActions.isEmpty != (state.isCompleted || seat != state.table.toAct) {
                return "a view offers actions out of turn"
            }
        }
        if count != state.table.handSize * 4 || all.count != count { return "cards were lost or doubled" }
        let watcher = state.view(for: nil)
        return watcher.hand.isEmpty && watcher.legalActions.isEmpty ? nil : "a watcher sees a hand"
    }

    /// Of all actions that there are, exactly the legal ones are allowed, and only to one seat.
    private func refusals(_ legal: LegalActions) -> String? {
        for code in UInt8.min...127 {
            guard let action = Action(code: code) else { continue }
            for seat in Seat.all {
                let allowed = seat == state.table.toAct && legal.contains(action)
                if (state.violation(of: action, by: seat) == nil) != allowed {
                    return "action \(code) is judged in two ways"
                }
                if !allowed {
                    var copy = state
                    if (try? copy.apply(action, by: seat)) != nil || copy != state {
                        return "a refused action had an effect"
                    }
                }
            }
        }
        return nil
    }

    private static let viewers: [Seat?] = [0, 1, 2, 3, nil]

    private func binaryForms() -> String? {
        if (try? GameState(binary: state.binary)) != state { return "a state is read as another" }
        for viewer in GameProof.viewers {
            let view = state.view(for: viewer)
            if (try? GameView(binary: view.binary)) != view { return "a view is read as another" }
        }
        return nil
    }

    private func jsonForms() -> String? {
        if (try? GameState(json: state.json)) != state { return "a state's JSON is read as another" }
        for viewer in GameProof.viewers {
            let view = state.view(for: viewer)
            if (try? GameView(json: view.json)) != view { return "a view's JSON is read as another" }
        }
        return nil
    }

    /// Who acts next, by the rules told once more.
    private func turn(_ before: GameState, _ transition: Transition) -> String? {
        guard transition.scored == nil else { return nil }
        let expected: Seat
        switch transition.action {
        case .bid where transition.seat == before.table.dealer:
            let order = (1...4).map { before.table.dealer.advanced(by: $0) }
            let highest = order.map { state.table.bids[$0] ?? -1 }.max() ?? 0
            guard let first = order.first(where: { state.table.bids[$0] == highest }) else { return "nobody bid" }
            expected = first
        case .bid: expected = transition.seat.next
        case .chooseTrump: expected = before.table.dealer.next
        case .play: expected = transition.trickWinner ?? transition.seat.next
        }
        return state.table.toAct == expected ? nil : "seat \(state.table.toAct.index) acts instead of \(expected.index)"
    }

    private mutating func scores(_ before: GameState, _ transition: Transition) -> String? {
        guard let round = transition.scored else { return nil }
        let size = Schedule.handSize(round: round.number)
        if Seat.all.reduce(0, { $0 + round.tricks[$1] }) != size { return "tricks were lost" }
        if Seat.all.reduce(0, { $0 + round.bids[$1] }) == size { return "the bids add up to the hand size" }
        for seat in Seat.all {
            totals[seat.index] += round.tricks[seat] + (round.tricks[seat] == round.bids[seat] ? 10 : 0)
            if state.sheet.totals[seat] != totals[seat.index] { return "the scores don't add up" }
            let last = state.sheet.rounds.suffix(4)
            if last.count == 4, last.allSatisfy({ $0.bids[seat] == 0 }) { return "zero was bid four times in a row" }
        }
        return nil
    }
}
