import Foundation
import Store
import TestSupport

/// A database whose time stands still, so that no batch ends by its age.
struct GroupCommitBench {
    let folder: TemporaryFolder
    let database: SQLiteDatabase

    init() async throws {
        folder = try TemporaryFolder()
        database = try await SQLiteDatabase.open(
            SQLiteConfiguration(path: folder.file("test.db")), time: ManualTime().source)
        try await database.migrate([DatabaseConformance.tables])
    }

    /// How many transactions were committed since the file was opened: each ends with a frame that says so
    /// (https://www.sqlite.org/fileformat2.html#walformat).
    var commits: Int {
        get throws {
            let log = [UInt8](try Data(contentsOf: URL(filePath: folder.file("test.db-wal"))))
            func number(at offset: Int) -> Int { log[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
            let frame = 24 + number(at: 8)
            return stride(from: 32, through: log.count - frame, by: frame).count { number(at: $0 + 4) != 0 }
        }
    }

    /// What is committed, as a reader sees it.
    func ids() async throws -> [Int64] {
        try await database.read { reader in
            try await reader.query("SELECT id FROM things ORDER BY id").map { try $0["id"] }
        }
    }

    /// A transaction that inserts 0 once it is released; whatever is requested until then waits behind it.
    struct Held {
        let task: Task<Void, any Error>
        let hold: AsyncStream<Void>.Continuation

        /// On the main actor, so after all that was requested there before.
        func release() async { await Task { @MainActor in hold.finish() }.value }
    }

    func hold() async -> Held {
        let (released, hold) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await database.transaction { transaction in
                start.finish()
                for await _ in released {}
                try await insert(0, transaction)
            }
        }
        for await _ in started {}
        return Held(task: task, hold: hold)
    }

    typealias Body = @Sendable (any Transaction) async throws -> Void

    /// Lets `bodies` queue in their order behind one that inserts 0, and then all run.
    func together(_ bodies: [Body]) async -> (first: Result<Void, any Error>, others: [Result<Void, any Error>]) {
        let held = await hold()
        // The main actor runs each up to where it has to wait, in this order.
        let tasks = bodies.map { body in Task { @MainActor in try await database.transaction(body) } }
        await held.release()
        var others: [Result<Void, any Error>] = []
        for task in tasks { others.append(await task.result) }
        return (await held.task.result, others)
    }
}

/// Inserts a row and appends an event that tells of it.
func insert(_ id: Int64, _ transaction: any Transaction) async throws {
    try await transaction.execute("INSERT INTO things (id) VALUES ($1)", [.integer(id)])
    try await transaction.append(EventDraft(topic: "t", kind: "k", payload: "\(id)"))
}
