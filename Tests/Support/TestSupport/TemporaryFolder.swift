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

    /// Makes or replaces the file called `name`, and the folders on the way to it.
    ///
    /// - Throws: what the file system says when it can't be written.
    package func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(filePath: file(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    /// Makes or replaces the file called `name` with this text, in UTF-8.
    ///
    /// - Throws: what the file system says when it can't be written.
    package func write(_ name: String, _ text: String) throws { try write(name, [UInt8](text.utf8)) }
}
