import Core
import Synchronization

/// Values of one kind that were read from the database, kept in memory for as long as they hold: at most so many bytes, those
/// longest without use are forgotten first.
package final class ReadTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// A value as it was read.
    package struct Read: Sendable {
        let value: Value
        let subjects: [String]
        let bytes: Int
        let until: Int64

        /// - Parameters:
        ///   - subjects: what it is about, beyond what was known before it was read.
        ///   - bytes: what it takes, roughly.
        ///   - until: when it no longer holds even if nothing happens, in milliseconds since 1970.
        package init(_ value: Value, about subjects: [String] = [], bytes: Int, until: Int64 = .max) {
            self.value = value
            self.subjects = subjects
            self.bytes = bytes
            self.until = until
        }
    }

    private struct Entry: Sendable {
        let value: Value
        let subjects: [String]
        let moment: ReadMemory.Moment
        let until: Int64
    }

    /// Callers share one question to the database if it can't matter to any of them: nothing of it has changed in between,
    /// and it began a moment ago at most.
    private struct Question: Hashable {
        let key: Key
        let change: UInt64
        let period: Int64
    }

    /// What the database answered, to be shared by those who asked together.
    private struct Answer: Sendable {
        let value: Value?
        /// What the value is about that only reading it has shown.
        let subjects: [String]
        let moment: ReadMemory.Moment
    }

    /// What an entry takes beside its value.
    private static var overhead: Int { 160 }

    private let memory: ReadMemory
    private let entries: Mutex<Generations<Key, Entry>>
    private let questions = SingleFlight<Question, Result<Answer, any Error>>()
    private let hits: Counter
    private let misses: Counter

    /// - Parameters:
    ///   - name: of the table in the metrics.
    ///   - bytes: how much it keeps.
    package init(_ memory: ReadMemory, _ name: String, bytes: Int) {
        self.memory = memory
        entries = Mutex(Generations(limit: bytes))
        func counter(_ source: String) -> Counter {
            memory.metrics.counter(
                "tandem_reads_total", help: "Reads of what may be remembered, by where they were answered from.",
                labels: ["of": name, "from": source])
        }
        hits = counter("memory")
        misses = counter("database")
        memory.metrics.gauge(
            "tandem_remembered_bytes", help: "What is remembered of the database, roughly.", labels: ["of": name]
        ) { [weak self] in self?.bytes ?? 0 }
    }

    /// How much is kept, roughly.
    package var bytes: Int { entries.withLock { $0.weight } }

    /// Returns the value if it is remembered and certainly holds. Never waits.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    package func remembered(_ key: Key, seen cursor: Cursor?) -> Value? {
        guard memory.mayAnswer(cursor), let entry = entries.withLock({ $0.use(key) }) else { return nil }
        guard memory.holds(entry.subjects, since: entry.moment),
            entry.until == .max || entry.until > memory.time.milliseconds
        else {
            entries.withLock { _ = $0.removeValue(for: key) }
            return nil
        }
        hits.increment()
        return entry.value
    }

    /// Returns the remembered value, or the one that `load` reads from the database, which is then remembered.
    ///
    /// - Parameters:
    ///   - cursor: what the client has seen of the log.
    ///   - subjects: what the value is about, as far as that is known before it is read.
    ///   - load: reads the value; `nil` if there is none, which isn't remembered.
    /// - Throws: what `load` throws; `CancellationError`.
    package func value(
        for key: Key, seen cursor: Cursor?, about subjects: @autoclosure () -> [String],
        load: () async throws -> Read?
    ) async throws -> Value? {
        if let value = remembered(key, seen: cursor) { return value }
        let subjects = subjects()
        let period = memory.time.now / .milliseconds(250)
        let question = Question(key: key, change: memory.latestChange(of: subjects), period: Int64(period))
        misses.increment()
        // Without a proof another caller's question may have been asked too long ago.
        guard memory.mayAnswer(cursor) else { return try await ask(key, subjects, load).value }
        var isOwn = false
        let answer = try await questions(question) {
            isOwn = true
            do { return .success(try await ask(key, subjects, load)) } catch let error as CancellationError {
                throw error
            } catch {
                // Shared as well: a database that is away needn't say so to each.
                return .failure(error)
            }
        }.get()
        // Another caller's question is too old for this one if what only its answer has shown has changed since.
        guard isOwn || answer.value != nil && memory.holds(answer.subjects, since: answer.moment) else {
            return try await ask(key, subjects, load).value
        }
        return answer.value
    }

    private func ask(_ key: Key, _ subjects: [String], _ load: () async throws -> Read?) async throws -> Answer {
        let moment = memory.begin()
        guard let read = try await load() else { return Answer(value: nil, subjects: [], moment: moment) }
        let entry = Entry(value: read.value, subjects: subjects + read.subjects, moment: moment, until: read.until)
        if read.until > memory.time.milliseconds, memory.holds(entry.subjects, since: moment) {
            entries.withLock { _ = $0.set(entry, for: key, weight: read.bytes + Self.overhead) }
        }
        return Answer(value: read.value, subjects: read.subjects, moment: moment)
    }
}
