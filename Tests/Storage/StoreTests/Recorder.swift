import Synchronization

/// What tasks report, in the order in which they do.
final class Recorder<Element: Sendable>: Sendable {
    private let all = Mutex<[Element]>([])
    var elements: [Element] { all.withLock { $0 } }
    func record(_ element: Element) { all.withLock { $0.append(element) } }
    func forget() { all.withLock { $0 = [] } }
}
