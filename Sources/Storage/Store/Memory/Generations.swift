/// A map of bounded weight in two generations: when the younger is full it becomes the older, and what was in the older and
/// not used since is forgotten. That keeps what is used, like a list ordered by last use, without moving anything on reads.
package struct Generations<Key: Hashable, Value> {
    private struct Element {
        var value: Value
        let weight: Int
    }

    private var young: [Key: Element] = [:]
    private var old: [Key: Element] = [:]
    private var youngWeight = 0
    private var oldWeight = 0
    private let limit: Int

    /// - Parameter limit: of the weight of all values together.
    package init(limit: Int) { self.limit = limit }

    var weight: Int { youngWeight + oldWeight }
    var count: Int { young.count + old.count }

    /// The value, whether or not it is to stay.
    func peek(_ key: Key) -> Value? { young[key]?.value ?? old[key]?.value }

    /// The value, which stays for as long as if it had just been set.
    package mutating func use(_ key: Key) -> Value? {
        if let element = young[key] { return element.value }
        guard let element = remove(key) else { return nil }
        insert(element, key)
        return element.value
    }

    /// - Returns: whether what was not used lately has been forgotten to make room. A value heavier than half of the limit is
    ///   not kept.
    @discardableResult
    package mutating func set(_ value: Value, for key: Key, weight: Int = 1) -> Bool {
        remove(key)
        guard weight <= limit / 2 else { return false }
        return insert(Element(value: value, weight: weight), key)
    }

    @discardableResult
    private mutating func insert(_ element: Element, _ key: Key) -> Bool {
        let isFull = youngWeight + element.weight > limit / 2
        if isFull {
            (old, oldWeight) = (young, youngWeight)
            (young, youngWeight) = ([:], 0)
        }
        young[key] = element
        youngWeight += element.weight
        return isFull
    }

    @discardableResult
    private mutating func remove(_ key: Key) -> Element? {
        if let element = young.removeValue(forKey: key) {
            youngWeight -= element.weight
            return element
        }
        guard let element = old.removeValue(forKey: key) else { return nil }
        oldWeight -= element.weight
        return element
    }

    @discardableResult
    mutating func removeValue(for key: Key) -> Value? { remove(key)?.value }
}
