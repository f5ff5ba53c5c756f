/// First in, first out, in constant time.
struct Queue<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { head < elements.count ? elements[head] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            head += 1
            if head == elements.count {
                removeAllStorage()
            } else if head >= 64, head * 2 >= elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head].take()
    }

    /// Empties the queue and returns what was in it, in order.
    mutating func removeAll() -> [Element] {
        defer { removeAllStorage() }
        return elements[head...].compactMap { $0 }
    }

    private mutating func removeAllStorage() {
        elements.removeAll(keepingCapacity: elements.count <= 1024)
        head = 0
    }
}
