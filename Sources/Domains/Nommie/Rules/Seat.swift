/// One of the four places at the table, 0…3, counted clockwise.
package struct Seat: Sendable, Hashable, ExpressibleByIntegerLiteral {
    private let number: UInt8

    package init(_ index: Int) {
        precondition(0...3 ~= index)
        number = UInt8(truncatingIfNeeded: index)
    }

    package init(integerLiteral value: Int) { self.init(value) }

    private init(wrapping number: UInt8) { self.number = number & 3 }

    package var index: Int { Int(number) }
    /// The seat to the left, whose turn comes next.
    package var next: Seat { Seat(wrapping: number &+ 1) }
    package func advanced(by steps: Int) -> Seat { Seat(wrapping: number &+ UInt8(truncatingIfNeeded: steps)) }
    /// How many turns after `other` this seat has its own: 0…3.
    package func distance(from other: Seat) -> Int { Int((number &- other.number) & 3) }

    /// Seats 0 to 3.
    package static var all: Seats { Seats() }
}

/// The four seats in order.
package struct Seats: Sequence, IteratorProtocol {
    private var index = 0

    package mutating func next() -> Seat? {
        guard index < 4 else { return nil }
        defer { index += 1 }
        return Seat(index)
    }
}

/// One value for each seat.
package struct PerSeat<Element: Sendable & Equatable>: Sendable, Equatable {
    private var first: Element
    private var second: Element
    private var third: Element
    private var fourth: Element

    package init(repeating value: Element) {
        first = value
        second = value
        third = value
        fourth = value
    }

    package subscript(seat: Seat) -> Element {
        get {
            switch seat.index {
            case 0: first
            case 1: second
            case 2: third
            default: fourth
            }
        }
        set {
            switch seat.index {
            case 0: first = newValue
            case 1: second = newValue
            case 2: third = newValue
            default: fourth = newValue
            }
        }
    }
}
