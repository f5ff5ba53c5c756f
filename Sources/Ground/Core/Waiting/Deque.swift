/// A double-ended queue: a ring buffer in which adding and removing at both ends takes constant time.
///
/// Inlinable, so that other modules use it specialised for their element: queues of frames and of commands are in the path of
/// every delivery that has to wait. Public, because the compiler doesn't inline across modules what is only `package`.
public struct Deque<Element> {
    @usableFromInline var slots: [Element?] = []
    /// Where the first element is.
    @usableFromInline var head = 0
    @usableFromInline var storedCount = 0

    /// How many elements there are.
    @inlinable public var count: Int { storedCount }

    /// Makes an empty queue.
    @inlinable public init() {}

    /// Adds an element at the end.
    @inlinable public mutating func append(_ element: Element) {
        grow()
        slots[slot(of: count)] = element
        storedCount += 1
    }

    /// Adds an element at the beginning.
    @inlinable public mutating func prepend(_ element: Element) {
        grow()
        head = head == 0 ? slots.count - 1 : head - 1
        slots[head] = element
        storedCount += 1
    }

    /// Removes the first element and returns it; nil if there is none.
    @inlinable public mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = slot(of: 1)
        storedCount -= 1
        shrink()
        return element
    }

    /// Removes the last element and returns it; nil if there is none.
    @inlinable public mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        storedCount -= 1
        let element = slots[slot(of: count)].take()
        shrink()
        return element
    }

    /// Empties the queue and returns what was in it, in order.
    @inlinable public mutating func removeAll() -> [Element] {
        defer { self = Deque() }
        return Array(self)
    }

    /// Removes the element at `index` and returns it; those behind it move up, in linear time.
    @inlinable public mutating func remove(at index: Int) -> Element {
        let element = self[index]
        for position in index..<(count - 1) { slots[slot(of: position)] = slots[slot(of: position + 1)].take() }
        slots[slot(of: count - 1)] = nil
        storedCount -= 1
        shrink()
        return element
    }

    /// Removes the elements that satisfy `shouldBeRemoved`; the others keep their order.
    ///
    /// - Throws: what `shouldBeRemoved` throws.
    @inlinable public mutating func removeAll(where shouldBeRemoved: (Element) throws -> Bool) rethrows {
        var kept = Deque()
        for element in self where try !shouldBeRemoved(element) { kept.append(element) }
        self = kept
    }

    @inlinable func slot(of index: Int) -> Int {
        let slot = head + index
        return slot < slots.count ? slot : slot - slots.count
    }

    @inlinable mutating func grow() {
        if count == slots.count { resize(to: Swift.max(8, count * 2)) }
    }

    /// A queue that was long once doesn't keep its storage.
    @inlinable mutating func shrink() {
        if slots.count > 1024, count * 4 <= slots.count { resize(to: slots.count / 2) }
    }

    @inlinable mutating func resize(to capacity: Int) {
        var resized = [Element?](repeating: nil, count: capacity)
        for index in 0..<count { resized[index] = slots[slot(of: index)].take() }
        (slots, head) = (resized, 0)
    }
}

extension Deque: Sendable where Element: Sendable {}

extension Deque: RandomAccessCollection, MutableCollection {
    /// The position of the first element: 0.
    @inlinable public var startIndex: Int { 0 }
    /// The position behind the last element.
    @inlinable public var endIndex: Int { count }

    /// The element at `index`, counted from the first.
    @inlinable public subscript(index: Int) -> Element {
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
