/// A double-ended queue: a ring buffer in which adding and removing at both ends takes constant time.
package struct Deque<Element> {
    private var slots: [Element?] = []
    /// Where the first element is.
    private var head = 0
    package private(set) var count = 0

    package init() {}

    package mutating func append(_ element: Element) {
        grow()
        slots[slot(of: count)] = element
        count += 1
    }

    package mutating func prepend(_ element: Element) {
        grow()
        head = head == 0 ? slots.count - 1 : head - 1
        slots[head] = element
        count += 1
    }

    package mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = slot(of: 1)
        count -= 1
        shrink()
        return element
    }

    package mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        count -= 1
        let element = slots[slot(of: count)].take()
        shrink()
        return element
    }

    /// Empties the queue and returns what was in it, in order.
    package mutating func removeAll() -> [Element] {
        defer { self = Deque() }
        return Array(self)
    }

    /// Removes the elements that satisfy `shouldBeRemoved`; the others keep their order.
    ///
    /// - Throws: what `shouldBeRemoved` throws.
    package mutating func removeAll(where shouldBeRemoved: (Element) throws -> Bool) rethrows {
        var kept = Deque()
        for element in self where try !shouldBeRemoved(element) { kept.append(element) }
        self = kept
    }

    private func slot(of index: Int) -> Int {
        let slot = head + index
        return slot < slots.count ? slot : slot - slots.count
    }

    private mutating func grow() {
        if count == slots.count { resize(to: Swift.max(8, count * 2)) }
    }

    /// A queue that was long once doesn't keep its storage.
    private mutating func shrink() {
        if slots.count > 1024, count * 4 <= slots.count { resize(to: slots.count / 2) }
    }

    private mutating func resize(to capacity: Int) {
        var resized = [Element?](repeating: nil, count: capacity)
        for index in 0..<count { resized[index] = slots[slot(of: index)].take() }
        (slots, head) = (resized, 0)
    }
}

extension Deque: Sendable where Element: Sendable {}

extension Deque: RandomAccessCollection, MutableCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "the index is outside the queue")
            return slots[slot(of: index)]!
        }
        set {
            precondition(index >= 0 && index < count, "the index is outside the queue")
            slots[slot(of: index)] = newValue
        }
    }
}
