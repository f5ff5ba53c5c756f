import Synchronization

/// Marks what runs inside a transaction or read, so that opening another one in there is refused instead of waiting for
/// itself for ever.
final class TransactionScope: Sendable {
    @TaskLocal private static var current: [TransactionScope] = []

    private let database: ObjectIdentifier
    private let open = Atomic<Bool>(true)

    /// - Throws: `.nestedTransaction` when this task is inside one on the same database.
    init(_ database: AnyObject) throws(StoreError) {
        let id = ObjectIdentifier(database)
        guard !Self.current.contains(where: { $0.database == id && $0.isOpen }) else {
            throw StoreError(
                .nestedTransaction,
                "A transaction or read was begun inside another one; hand the open transaction on instead.")
        }
        self.database = id
    }

    /// False once the body has returned: tasks that it started may outlive it.
    var isOpen: Bool { open.load(ordering: .acquiring) }

    /// Runs `body` inside the scope, on the caller's actor.
    func run<R>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
    ) async throws -> R {
        try await Self.$current.withValue(Self.current + [self], operation: body)
    }

    func end() { open.store(false, ordering: .releasing) }
}
