import Core

/// Those who wait commit together: bodies run one after the other in one transaction, each behind a savepoint of its own, until
/// nobody waits any more; one flush to the disk then commits them all, and only then do their callers get their results.
///
/// - A body that fails, or whose task is cancelled while it runs, is undone alone. Its caller learns that after the commit as
///   well, because the body may have decided by what others before it did. Once a body has ended, cancelling its task no
///   longer has an effect: it commits, and its caller gets the result.
/// - When the transaction can't be committed, or a failure such as a full disk makes SQLite undo it, all who are in it
///   get that error.
/// - A body that waits for something outside the database doesn't keep those before it waiting: they're committed without it
///   (`setAside`). Those behind it wait for it, because they may depend on what it does.
extension SQLiteConnection {
    /// Returns when the body has run; its caller gets the outcome when the commit is done.
    ///
    /// It doesn't wait for that here, because resuming would lead to the caller's executor and back to this thread first.
    /// - Parameter alone: the transaction may take long, so nobody else's is committed together with it.
    func run<R: Sendable>(
        in scope: TransactionScope, alone: Bool, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> (Result<R, any Error>, PendingCommit?) {
        try await turns.take()
        let outcome: Result<R, any Error>
        do {
            if alone { commit() }
            try join(scope)
            let result = try await scope.run { try await body(ScopedTransaction(connection: self, scope: scope)) }
            try end(scope)
            outcome = .success(result)
        } catch {
            undo(scope)
            outcome = .failure(error)
        }
        let own = batch
        turns.give(())
        if alone || own?.isFull(now: time.now) == true { commit() }
        return (outcome, own?.commit)
    }

    /// No more jobs wait on the thread: nobody else joins for now.
    func becameIdle() {
        guard let batch, batch.ended > 0 else { return }
        if current != nil {
            setAside()
        } else if turns.hasFree {
            commit()
        }
        // Otherwise the turn is another body's, which is on its way here.
    }

    /// A statement of the current body has failed.
    func failed(_ error: any Error) {
        current?.failure = error
        guard case .open(let handle, _) = state, handle.isInAutocommit else { return }
        // SQLite has undone the whole transaction.
        resolve(.failure(error))
    }

    // MARK: One body

    private func join(_ scope: TransactionScope) throws {
        precondition(current == nil)
        if batch == nil {
            try begin("BEGIN IMMEDIATE")
            batch = CommitBatch(now: time.now)
        }
        // The first needs no savepoint: it can be undone as a whole.
        let isFirst = batch?.ended == 0
        let handle = try opened
        if !isFirst { try handle.runUninterrupted("SAVEPOINT body") }
        handle.interruptsWrites = isFirst
        current = Progress(scope: scope, isReading: false, statements: isFirst ? nil : [])
    }

    private func end(_ scope: TransactionScope) throws {
        scope.end()
        if let failure = current?.failure { throw failure }
        try Task.checkCancellation()
        let handle = try opened
        // COMMIT would find this too, and fail for all.
        if handle.hasDanglingReferences {
            throw SQLiteFailure.error(code: SQLiteFailure.foreignKey, cause: "FOREIGN KEY constraint failed")
        }
        if batch?.ended != 0 { try handle.runUninterrupted("RELEASE body") }
        batch?.bodyEnded(appended: current?.appended ?? 0)
        current = nil
    }

    private func undo(_ scope: TransactionScope) {
        scope.end()
        let hadBegun = current != nil
        current = nil
        guard let batch else { return }
        guard batch.ended > 0 else {
            rollBack()
            self.batch = nil
            return
        }
        do {
            if hadBegun { try undoBody() }
            self.batch?.bodyEnded(appended: 0)
        } catch {
            rollBack()
            resolve(.failure(error))
        }
    }

    private func undoBody() throws {
        try opened.runUninterrupted("ROLLBACK TO body")
        try opened.runUninterrupted("RELEASE body")
    }

    // MARK: All of them

    @discardableResult
    private func commit() -> Result<Void, any Error> {
        guard let batch else { return .success(()) }
        let outcome = Result { try opened.runUninterrupted("COMMIT") }
        switch outcome {
        case .success: if batch.appended > 0 { eventsCommitted.ring() }
        case .failure: rollBack()
        }
        resolve(outcome)
        return outcome
    }

    private func resolve(_ outcome: Result<Void, any Error>) {
        batch?.commit.resolve(outcome)
        batch = nil
    }

    /// Commits without the current body, which waits for something else. Its statements are undone and run again in the next
    /// transaction: unless another program has written in between, they do the same and give the results that it has seen.
    private func setAside() {
        let statements = current?.statements ?? []
        do {
            let handle = try opened
            try undoBody()
            let version = try handle.run(Self.dataVersion).first?.values
            try commit().get()
            // A body that has failed already needs nothing more.
            guard current?.failure == nil else { return }
            try begin("BEGIN IMMEDIATE")
            batch = CommitBatch(now: time.now)
            current?.statements = nil
            handle.interruptsWrites = true
            guard try handle.run(Self.dataVersion).first?.values == version else {
                throw StoreError(.busy, "Another program has written to the database meanwhile; try again.")
            }
            for statement in statements { try handle.run(statement.sql, statement.values) }
        } catch {
            current?.failure = error
            rollBack()
            resolve(.failure(error))
        }
    }

    /// Changes when another connection has committed (https://www.sqlite.org/pragma.html#pragma_data_version).
    private static let dataVersion = "PRAGMA data_version"
}
