import Core
import EventLoop

/// One connection on its loop, opened when it's needed and again after it was lost: since it never connects by itself,
/// `Reachability`, which all connections share, paces its attempts instead of a `Reconnection` of its own. Bodies of transactions run on that loop
/// too, so that their statements cost no change of thread.
actor PostgresConnection: TransactionConnection {
    enum Kind: Sendable {
        case reading
        /// One statement, which needs no transaction.
        case asking
        /// Holding these locks; `nil`: alone among all that write, whichever process they belong to.
        case writing([Lock]?)
        /// Alone, and for as long as it takes.
        case unhurried

        var isReading: Bool {
            switch self {
            case .reading, .asking: true;
            default: false
            }
        }
        var isUnhurried: Bool { if case .unhurried = self { true } else { false } }

        /// What excludes transactions of this process from each other, in the order in which it's waited for. Who waits for
        /// something that is busy doesn't keep those away who write alone.
        var locks: [Lock] {
            switch self {
            case .reading, .asking: []
            case .writing(let locks?): locks.inOrder + [.shared("everything", "")]
            case .writing(nil), .unhurried: [.exclusive("everything", "")]
            }
        }
    }

    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.serialExecutor.asUnownedSerialExecutor() }

    private let address: PostgresAddress
    private let configuration: PostgresConfiguration
    private let reachability: Reachability
    private let time: TimeSource
    /// How many connections are open.
    private let open: Gauge
    private var link: LoopBound<PostgresLink>?
    /// The transaction or read under way; anything else that asks is too late.
    private var current: Progress?
    /// By which what has been sent and may be cancelled is found at the link.
    private var tickets: [Int: Int] = [:]
    private var sentCount = 0
    /// Requests to cancel that the server hasn't taken note of yet: until then they could hit the wrong statement.
    private var cancelling = 0
    private var whenCancelled: [CheckedContinuation<Void, Never>] = []
    /// How often the connection was lost: requests to cancel from before count for nothing.
    private var losses = 0
    /// How long a server may take to stop what it was asked to stop, or be silent here when it is silent elsewhere.
    private static let shortTimeout = Duration.seconds(3)

    private struct Progress {
        enum Stage {
            /// Nothing has been sent: the prologue goes along with the first statement.
            case unsent(prologue: [Statement])
            case begun
            /// It can only be rolled back, if it had begun.
            case failed(any Error, hasBegun: Bool)
        }

        let scope: TransactionScope
        let kind: Kind
        var stage: Stage
        /// What is sent with the next statement that is awaited, or with the commit.
        var enqueued: [Statement] = []
        /// They are inserted last, right before the commit.
        var appended: [(event: AppendedEvent, insertion: Statement)] = []

        var hasBegun: Bool {
            switch stage {
            case .unsent: false
            case .begun: true
            case .failed(_, let hasBegun): hasBegun
            }
        }

        var failure: (any Error)? { if case .failed(let error, _) = stage { error } else { nil } }

        /// Returns what has to be sent before what is sent now.
        mutating func begin() -> [Statement] {
            defer { enqueued = [] }
            guard case .unsent(let prologue) = stage else { return enqueued }
            stage = .begun
            return prologue + enqueued
        }

        /// The first failure is the one that counts.
        mutating func fail(_ error: any Error) {
            if failure == nil { stage = .failed(error, hasBegun: hasBegun) }
        }
    }

    init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, reachability: Reachability,
        time: TimeSource,
        loop: EventLoop, open: Gauge
    ) {
        self.address = address
        self.configuration = configuration
        self.reachability = reachability
        self.time = time
        self.loop = loop
        self.open = open
    }

    func close() {
        link?.value.close()
        drop()
    }

    /// Called now and then: gives up a silent server, and closes the connection if it's been idle for too long.
    nonisolated func look(closingIdle: Bool) {
        loop.execute { [weak self] in self?.assumeIsolated { $0.looked(closingIdle: closingIdle) } }
    }

    /// The server is silent to others.
    nonisolated func suspect(_ failure: PostgresFailure) {
        loop.execute { [weak self] in
            self?.assumeIsolated { $0.link?.value.suspect(failure, timeout: Self.shortTimeout) }
        }
    }

    private func looked(closingIdle: Bool) {
        guard let link = link?.value else { return }
        link.check()
        if closingIdle, current == nil, link.isIdle, loop.now - link.lastUse >= configuration.idleTimeout { close() }
    }

    // MARK: Connecting

    private func open() async throws -> PostgresLink {
        if let link = link?.value, link.isOpen { return link }
        drop()
        try reachability.check()
        let attempt = reachability.attempting()
        do {
            let (address, configuration, loop) = (address, configuration, loop)
            let new = try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<LoopBound<PostgresLink>, any Error>) in
                PostgresDialing.dial(address, configuration, loop: loop) { result in
                    continuation.resume(with: result.map { LoopBound($0, loop: loop) }.mapError { $0 })
                }
            }
            reachability.connected()
            link = new
            new.value.onLost = { [weak self] _ in self?.assumeIsolated { $0.forgetCancellations() } }
            open.add(1)
            return new.value
        } catch let failure as PostgresFailure {
            throw reachability.failed(failure, attempt)
        }
    }

    /// Makes sure that the tables exist that only this kind of database needs.
    func createOwnTables() async throws {
        let link = try await open()
        for table in Statements.ownTables {
            do {
                _ = try await send([table], on: link, isCancellable: true)
            } catch let failure as PostgresFailure
                where failure.error.kind == .uniqueViolation || failure.error.kind == .invalidStatement
            {
                // Another process was faster by a moment; IF NOT EXISTS looks too early to see that, and the error depends on
                // which of the server's catalogues the two met in. It's there now.
                _ = try await send([table], on: link, isCancellable: true)
            }
        }
    }

    private func drop() {
        if link != nil { open.add(-1) }
        link = nil
        forgetCancellations()
    }

    private func forgetCancellations() {
        losses += 1
        cancelling = 0
        allCancelled()
    }

    // MARK: Transactions

    /// Returns the body's result and the events that it appended.
    ///
    /// - Throws: what the body throws, or `PostgresFailure`, whose remedy says whether it may be run again.
    func run<R: Sendable>(
        _ kind: Kind, in scope: TransactionScope,
        _ body: @Sendable (ScopedTransaction<PostgresConnection>) async throws -> R
    ) async throws -> (R, appended: [AppendedEvent]) {
        precondition(current == nil)
        _ = try await open()
        current = Progress(scope: scope, kind: kind, stage: .unsent(prologue: Statements.prologue(kind)))
        do {
            let result = try await scope.run { try await body(ScopedTransaction(connection: self, scope: scope)) }
            return (result, try await commit(scope))
        } catch {
            scope.end()
            let failure = current?.failure as? PostgresFailure
            await rollBack()
            if let failure, failure.remedy != .none, !Task.isCancelled { throw failure }
            throw error
        }
    }

    private func commit(_ scope: TransactionScope) async throws -> [AppendedEvent] {
        scope.end()
        guard let progress = current else { return [] }
        if let failure = progress.failure { throw failure }
        try Task.checkCancellation()
        let insertions = progress.appended.map(\.insertion)
        guard progress.hasBegun || !progress.enqueued.isEmpty || !insertions.isEmpty else {
            current = nil
            return []
        }
        // Nothing has been sent to a connection that was lost before the first statement: another one will do.
        guard let link = link?.value, link.isOpen || progress.hasBegun else {
            let failure = PostgresFailure.lost("the connection has been closed")
            current?.fail(failure)
            throw failure
        }
        if progress.kind.isReading {
            // Nobody waits for it: what's sent next comes after it anyway.
            if case .reading = progress.kind { link.send([Statements.commit], timeout: timeout) { _ in } }
            current = nil
            return []
        }
        let beginning = current?.begin() ?? []
        do {
            let outcomes = try await send(
                beginning + insertions + [Statements.commit], on: link, isCancellable: false,
                isUnhurried: progress.kind.isUnhurried)
            guard outcomes.last?.tag == "COMMIT" else {
                throw PostgresFailure(.transactionEnded, "A statement of this transaction has failed.")
            }
        } catch let failure as PostgresFailure {
            let failure =
                failure.isFatal && failure.error.kind == .unavailable
                ? PostgresFailure(
                    .unavailable, "The database was lost while it committed; the change may or may not have been made.",
                    cause: failure.error.cause) : failure
            current?.fail(failure)
            throw failure
        }
        current = nil
        return progress.appended.map(\.event)
    }

    private func rollBack() async {
        let progress = current
        if let failure = progress?.failure as? PostgresFailure, failure.remedy == .prepareAnew {
            link?.value.forgetStatements()
        }
        if let progress, progress.hasBegun {
            if cancelling > 0 { await withCheckedContinuation { whenCancelled.append($0) } }
            if let link = link?.value, link.isOpen {
                do {
                    _ = try await send([Statements.rollBack], on: link, isCancellable: false)
                } catch {
                    link.close()
                    drop()
                }
            }
        }
        current = nil
    }

    // MARK: Statements

    func query(_ statements: [Statement], in scope: TransactionScope) async throws -> [[Row]] {
        try await inside(scope, statements).map(\.rows)
    }

    func execute(_ statement: Statement, in scope: TransactionScope) async throws -> Int {
        try await inside(scope, [statement])[0].changed
    }

    func enqueue(_ statement: Statement, in scope: TransactionScope) throws {
        try check(scope)
        current?.enqueued.append(statement)
    }

    func append(_ draft: EventDraft, in scope: TransactionScope) throws -> AppendedEvent {
        try check(scope)
        let event = AppendedEvent()
        current?.appended.append((event, Statements.append(event, draft, at: time.milliseconds)))
        return event
    }

    private func check(_ scope: TransactionScope) throws(StoreError) {
        guard let progress = current, progress.scope === scope, scope.isOpen else {
            throw StoreError(.transactionEnded, "The transaction was used after its end.")
        }
        if let failure = progress.failure {
            throw StoreError(
                .transactionEnded, "A statement of this transaction has failed; it can only be rolled back.",
                cause: "\((failure as? PostgresFailure)?.error.description ?? "\(failure)")")
        }
    }

    /// Returns the outcome of each statement.
    private func inside(_ scope: TransactionScope, _ statements: [Statement]) async throws -> [PostgresOutcome] {
        try check(scope)
        do {
            try Task.checkCancellation()
            // Once the transaction has begun it has no other than the one it began on.
            guard let link = link?.value else { throw PostgresFailure.lost("the connection has been closed") }
            let isUnhurried = current?.kind.isUnhurried ?? false
            let beginning = current?.begin() ?? []
            let outcomes = try await send(
                beginning + statements, on: link, isCancellable: true, isUnhurried: isUnhurried)
            return outcomes.suffix(statements.count)
        } catch {
            let error =
                Task.isCancelled && (error as? PostgresFailure).map { $0.isCancellation || $0.isSilence } == true
                ? CancellationError() : error
            if current?.scope === scope { current?.fail(error) }
            throw (error as? PostgresFailure)?.error ?? error
        }
    }

    private func send(
        _ statements: [Statement], on link: PostgresLink, isCancellable: Bool, isUnhurried: Bool = false
    ) async throws -> [PostgresOutcome] {
        let timeout = isUnhurried ? nil : timeout
        guard isCancellable else {
            return try await withCheckedThrowingContinuation { continuation in
                link.send(statements, timeout: timeout) { continuation.resume(with: $0) }
            }
        }
        sentCount += 1
        let sent = sentCount
        defer { tickets[sent] = nil }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                tickets[sent] = link.send(statements, timeout: timeout) { continuation.resume(with: $0) }
            }
        } onCancel: {
            // Runs after what's being sent just now has been sent.
            loop.execute { [weak self] in self?.assumeIsolated { $0.cancel(sent) } }
        }
    }

    /// Asks the server to stop, again for as long as the statement goes on: a request that overtakes its statement, which
    /// comes by another connection, finds nothing to stop.
    private func cancel(_ sent: Int, next delay: Duration = .milliseconds(50)) {
        guard let ticket = tickets[sent], let link = link?.value, link.isUnderWay(ticket),
            let request = link.cancelRequest()
        else { return }
        link.hurry(ticket, timeout: Self.shortTimeout)
        cancelling += 1
        request.send { [loop, losses] in
            loop.execute { [weak self] in
                self?.assumeIsolated { if $0.losses == losses { $0.wasCancelled(sent, next: delay) } }
            }
        }
    }

    private func wasCancelled(_ sent: Int, next delay: Duration) {
        cancelling -= 1
        if tickets[sent] != nil {
            loop.schedule(after: delay) { [weak self] in
                self?.assumeIsolated { $0.cancel(sent, next: min(delay * 2, .seconds(1))) }
            }
        }
        if cancelling == 0 { allCancelled() }
    }

    private func allCancelled() {
        for continuation in whenCancelled { continuation.resume() }
        whenCancelled = []
    }

    /// After this, a server that should long have ended the statement by itself counts as lost.
    private var timeout: Duration {
        // Before its first statement, a transaction waits for its turn.
        let limit = configuration.statementTimeout * (current?.kind.isReading == true ? 1 : 2)
        return max(.zero, limit) + .seconds(5)
    }
}
