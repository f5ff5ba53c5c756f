/// Hands that the other seats may hold, as far as a view shows: as many cards as they have, none seen elsewhere, none of a suit
/// that they have shown to lack.
struct ImaginedHands {
    private let own: CardSet
    private let viewer: Seat
    private let unseen: CardSet
    private let table: Table

    /// - Precondition: the view is a seat's.
    init(view: GameView) {
        precondition(view.viewer != nil, "those who watch imagine nothing")
        viewer = view.viewer ?? 0
        own = view.hand
        unseen = view.unseen
        table = view.table
    }

    /// Lays the unseen cards out at random, those that fewest seats can hold first; where a card finds no place left, another moves.
    func draw(_ chance: inout Chance) -> PerSeat<CardSet> {
        var places = Places(viewer: viewer, table: table, unseen: unseen.count)
        var order = [Card]()
        order.reserveCapacity(unseen.count)
        for holders in 0...3 {
            let begin = order.count
            for suit in Suit.all where places.holders(of: suit) == holders {
                for card in unseen.of(suit) { order.append(card) }
            }
            var end = order.count
            while end - begin > 1 {
                order.swapAt(end - 1, begin + chance.next(below: end - begin))
                end -= 1
            }
        }
        for card in order { places.put(card, &chance) }
        var hands = places.hands
        hands[viewer] = own
        return hands
    }
}

/// Room for the unseen cards: the other seats' hands, and at the viewer's own place those cards that were not dealt.
private struct Places {
    private(set) var hands = PerSeat(repeating: CardSet())
    private var room = PerSeat(repeating: 0)
    private let viewer: Seat
    private let voids: PerSeat<SuitSet>

    init(viewer: Seat, table: Table, unseen: Int) {
        self.viewer = viewer
        var voids = table.voids
        voids[viewer] = SuitSet()
        self.voids = voids
        var rest = unseen
        for seat in Seat.all where seat != viewer {
            room[seat] = table.cardsHeld(by: seat)
            rest -= room[seat]
        }
        room[viewer] = rest
    }

    /// How many of the other seats may hold a suit.
    func holders(of suit: Suit) -> Int {
        var count = 0
        for seat in Seat.all where seat != viewer && !voids[seat].contains(suit) { count += 1 }
        return count
    }

    mutating func put(_ card: Card, _ chance: inout Chance) {
        var open = 0
        for seat in Seat.all where !voids[seat].contains(card.suit) { open += room[seat] }
        guard open > 0 else {
            makeRoom(for: card)
            return
        }
        var chosen = chance.next(below: open)
        for seat in Seat.all where !voids[seat].contains(card.suit) {
            if chosen < room[seat] {
                place(card, at: seat)
                return
            }
            chosen -= room[seat]
        }
    }

    private mutating func place(_ card: Card, at seat: Seat) {
        hands[seat].insert(card)
        room[seat] -= 1
    }

    /// Finds the shortest chain of moves that ends where there is room: the card goes to a seat, one of that seat's cards to another
    /// that may hold it, and so on. One exists, because the true hands are one way to lay everything out.
    private mutating func makeRoom(for card: Card) {
        var cameFrom = PerSeat<Seat?>(repeating: nil)
        var moving = PerSeat<Card>(repeating: card)
        var reached = PerSeat(repeating: false)
        var queue = [Seat]()
        for seat in Seat.all where !voids[seat].contains(card.suit) {
            reached[seat] = true
            queue.append(seat)
        }
        var position = 0
        while position < queue.count {
            let seat = queue[position]
            position += 1
            if room[seat] > 0 {
                room[seat] -= 1
                var target = seat
                hands[target].insert(moving[target])
                while let source = cameFrom[target] {
                    hands[source].remove(moving[target])
                    hands[source].insert(moving[source])
                    target = source
                }
                return
            }
            for next in Seat.all where !reached[next] {
                for held in hands[seat] where !voids[next].contains(held.suit) {
                    cameFrom[next] = seat
                    moving[next] = held
                    reached[next] = true
                    queue.append(next)
                    break
                }
            }
        }
    }
}
