import Synchronization

/// A value that handlers on other threads change and a test looks at.
final class Box<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value { storage.withLock { $0 } }
    func withValue<Result>(_ body: (Value) -> Result) -> Result { storage.withLock { body($0) } }
    func change(_ body: @Sendable (inout Value) -> Void) { storage.withLock { body(&$0) } }
    func set(_ value: Value) { storage.withLock { $0 = value } }
}

extension Box where Value == Int {
    func increment() { change { $0 += 1 } }
}
