import Core
import Crypto
import Foundation

/// The folder in which a process keeps its database and the secret that it generated.
struct DataFolder {
    let path: String

    struct Unusable: CodedError {
        let path: String
        let reason: String
        var code: String { "data_folder" }
        var message: String {
            "The folder \(path) can't be used (\(reason)): set TANDEM_DATA to one that this user may write to."
        }
    }

    /// Makes the folder if it isn't there; only its owner may enter it.
    init(_ path: String) throws(Unusable) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Unusable(path: path, reason: error.localizedDescription)
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw Unusable(path: path, reason: "it can't be written to")
        }
    }

    var databasePath: String { path + "/tandem.db" }

    /// The secret of this installation, made at the first start. Losing it signs everybody out, no more.
    func secret() throws(Unusable) -> Secret {
        let file = path + "/secret"
        if let text = try? String(contentsOfFile: file, encoding: .utf8), text.utf8.count >= 32 { return Secret(text) }
        let text = Hex.encode(SecureRandom.bytes(32))
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw Unusable(path: path, reason: "the file \(file) can't be written") }
        return Secret(text)
    }
}
