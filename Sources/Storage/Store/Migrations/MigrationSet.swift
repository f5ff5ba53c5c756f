/// The migrations of one owner, so that every part of the program numbers its own from 1.
package struct MigrationSet: Sendable {
    package let owner: String
    package let migrations: [Migration]

    /// - Precondition: the migrations are numbered 1, 2, 3, … in this order.
    package init(owner: String, _ migrations: [Migration]) {
        precondition(
            migrations.map(\.number) == Array(1..<migrations.count + 1), "\(owner): number migrations 1, 2, 3, …")
        self.owner = owner
        self.migrations = migrations
    }
}
