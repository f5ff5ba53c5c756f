/// Writes JSON (RFC 8259) without white space, byte by byte.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func object(_ key: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        open(key, 0x7B)
        body(&self)
        close(0x7D)
    }

    mutating func array(_ key: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        open(key, 0x5B)
        body(&self)
        close(0x5D)
    }

    mutating func number(_ key: StaticString? = nil, _ value: Int?) {
        begin(key)
        if let value { digits(UInt64(value)) } else { raw("null") }
    }

    mutating func text(_ key: StaticString? = nil, _ value: StaticString?) {
        begin(key)
        guard let value else {
            raw("null")
            return
        }
        bytes.append(0x22)
        raw(value)
        bytes.append(0x22)
    }

    /// A number of 64 bits is written as text: JavaScript's numbers have 53.
    mutating func text(_ key: StaticString, digits value: UInt64) {
        begin(key)
        bytes.append(0x22)
        digits(value)
        bytes.append(0x22)
    }

    mutating func card(_ key: StaticString? = nil, _ card: Card?) {
        begin(key)
        if let card { bytes += [0x22, card.rankLetter, card.suit.letter, 0x22] } else { raw("null") }
    }

    mutating func cards(_ key: StaticString? = nil, _ cards: CardSet) {
        array(key) { for card in cards { $0.card(nil, card) } }
    }

    mutating func numbers(_ key: StaticString, _ values: PerSeat<Int>) {
        array(key) { for seat in Seat.all { $0.number(nil, values[seat]) } }
    }

    private mutating func open(_ key: StaticString?, _ bracket: UInt8) {
        begin(key)
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func begin(_ key: StaticString?) {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
        guard let key else { return }
        bytes.append(0x22)
        raw(key)
        bytes += [0x22, 0x3A]
    }

    private mutating func raw(_ text: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func digits(_ value: UInt64) {
        if value >= 10 { digits(value / 10) }
        bytes.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
    }
}
