import Core
import Testing
import TestSupport

struct DequeTests {
    /// The same operations on an array say what the queue must hold.
    @Test(arguments: 0..<8) func `it behaves like an array`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var deque = Deque<Int>()
        var model: [Int] = []
        for step in 0..<5000 {
            switch Int.random(in: 0..<13, using: &generator) {
            case 0..<4:
                deque.append(step)
                model.append(step)
            case 4..<6:
                deque.prepend(step)
                model.insert(step, at: 0)
            case 6..<9: #expect(deque.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            case 9: #expect(deque.popLast() == model.popLast())
            case 11 where !model.isEmpty:
                let index = Int.random(in: 0..<model.count, using: &generator)
                #expect(deque.remove(at: index) == model.remove(at: index))
            case 10 where !model.isEmpty:
                let index = Int.random(in: 0..<model.count, using: &generator)
                deque[index] += 1
                model[index] += 1
            default:
                guard step % 50 == 0 else { continue }
                deque.removeAll { $0 % 3 == 0 }
                model.removeAll { $0 % 3 == 0 }
            }
            #expect(deque.count == model.count && deque.first == model.first && deque.last == model.last)
        }
        #expect(Array(deque) == model)
        #expect(deque.removeAll() == model)
        #expect(deque.isEmpty)
    }

    @Test func `a long queue empties in order`() {
        var deque = Deque<Int>()
        for number in 0..<10_000 { deque.append(number) }
        for number in 0..<10_000 { #expect(deque.popFirst() == number) }
        #expect(deque.popFirst() == nil && deque.popLast() == nil)
    }
}
