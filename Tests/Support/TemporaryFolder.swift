import Foundation

/// A folder of one test's own, removed with this object.
package final class TemporaryFolder: Sendable {
    package let path: String

    /// - Throws: what the file system says when no folder can be made.
    package init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "tandem-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of the file called `name` in this folder.
    package func file(_ name: String) -> String { path + "/" + name }
}
