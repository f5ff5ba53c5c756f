/// Runs actors on a loop's thread. An actor that belongs to the loop returns
/// `loop.serialExecutor.asUnownedSerialExecutor()` as its `unownedExecutor` and keeps the loop.
///
/// `assumeIsolated` works in every callback of the loop.
package final class LoopSerialExecutor: SerialExecutor {
    private let inbox: Inbox

    init(inbox: Inbox) { self.inbox = inbox }

    package func enqueue(_ job: consuming ExecutorJob) {
        unsafe inbox.add(.actorJob(UnownedJob(job), asUnownedSerialExecutor()))
    }

    package func checkIsolated() { precondition(inbox.isCurrent, "this is not the loop's thread") }

    package func isIsolatingCurrentContext() -> Bool? { inbox.isCurrent }
}

/// Runs tasks on a loop's thread: `Task(executorPreference: loop.taskExecutor) { … }`.
///
/// Not the same type as the one for actors: a type that is both makes each hop within the loop queue again.
package final class LoopTaskExecutor: TaskExecutor {
    private let inbox: Inbox

    init(inbox: Inbox) { self.inbox = inbox }

    package func enqueue(_ job: consuming ExecutorJob) {
        unsafe inbox.add(.taskJob(UnownedJob(job), asUnownedTaskExecutor()))
    }

    /// Starts a task on the loop. Called there, it begins at once, so that work which never has to wait is done when this
    /// returns; from anywhere else, and on systems that can't do that, the task waits for its turn.
    package func start(_ work: sending @escaping @isolated(any) () async -> Void) -> Task<Void, Never> {
        guard #available(macOS 26, *), inbox.isCurrent else { return Task(executorPreference: self, operation: work) }
        return Task.immediate(executorPreference: self, operation: work)
    }
}
