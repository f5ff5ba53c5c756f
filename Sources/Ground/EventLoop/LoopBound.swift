/// Carries a value that belongs to a loop through places that don't: it can be sent anywhere and used on its loop only.
///
/// `@unchecked`: `value` is reached on the loop's thread only, which is checked; `deinit` takes it back there.
package final class LoopBound<Value>: @unchecked Sendable {
    package let loop: EventLoop
    private var storage: Value?

    /// To be made on the loop.
    package init(_ value: Value, loop: EventLoop) {
        loop.preconditionCurrent()
        self.loop = loop
        storage = value
    }

    /// The value; traps off its loop.
    package var value: Value {
        get {
            loop.preconditionCurrent()
            return storage!
        }
        set {
            loop.preconditionCurrent()
            storage = newValue
        }
    }

    /// Runs `body` with the value on its loop, from anywhere, and returns its result.
    ///
    /// - Throws: what `body` throws.
    package func withValue<Result: Sendable>(
        _ body: @escaping @Sendable (Value) throws -> Result
    ) async throws -> Result {
        try await loop.submit { [self] in try body(value) }
    }

    deinit {
        guard !loop.isCurrent, let last = storage.take() else { return }
        let remains = Remains(value: last)
        loop.execute { remains.drop() }
    }

    /// `@unchecked`: made by the only owner of the value, used by the loop only.
    private final class Remains: @unchecked Sendable {
        private var value: Value?
        init(value: Value) { self.value = value }
        func drop() { value = nil }
    }
}
