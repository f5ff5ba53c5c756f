import Crypto

/// Where static files come from.
package protocol FileSource: Sendable {
    /// The file of that name, with `/` between its parts; nil if there is none that may be served. May block.
    func open(_ path: String) -> (any StaticFile)?

    /// Whether there is a folder of that name. May block.
    func isFolder(_ path: String) -> Bool

    /// What lies below one of its folders.
    func below(_ folder: String) -> any FileSource
}

/// One version of a file that may be served.
package protocol StaticFile: Sendable {
    var length: Int { get }
    /// Seconds since 1970, where that is known.
    var modified: Int64? { get }
    /// Differs between versions of the file.
    var version: String { get }
    /// May block.
    func read(_ range: Range<Int>) throws -> [UInt8]
}

/// The files of a folder on disk. Nothing outside it is reachable: names that begin with a dot don't exist, and symbolic links
/// below the folder aren't followed.
package struct FileFolder: FileSource {
    package let path: String

    package init(_ path: String) { self.path = path }

    package func open(_ path: String) -> (any StaticFile)? { FileHandle.open(path, under: self.path) }

    package func isFolder(_ path: String) -> Bool { FileHandle.isFolder(path, under: self.path) }

    package func below(_ folder: String) -> any FileSource { FileFolder(path + "/" + folder) }
}

/// Files that the program carries within itself.
package struct MemoryFiles: FileSource {
    private struct File: StaticFile {
        let bytes: [UInt8]
        let version: String
        var length: Int { bytes.count }
        var modified: Int64? { nil }

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            version = Hex.encode(Array(SHA256.hash(bytes).prefix(16)))
        }

        func read(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }
    }

    private let files: [String: File]

    /// - Parameter files: by path, with `/` between its parts.
    package init(_ files: [String: [UInt8]]) { self.files = files.mapValues { File($0) } }

    private init(_ files: [String: File]) { self.files = files }

    package func open(_ path: String) -> (any StaticFile)? { files[path] }

    package func isFolder(_ path: String) -> Bool { files.keys.contains { $0.hasPrefix(path + "/") } }

    package func below(_ folder: String) -> any FileSource {
        let prefix = folder + "/"
        let below = files.filter { $0.key.hasPrefix(prefix) }
        return MemoryFiles(
            Dictionary(uniqueKeysWithValues: below.map { (String($0.key.dropFirst(prefix.count)), $0.value) }))
    }
}
