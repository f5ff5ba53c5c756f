import Foundation

/// A certificate for `localhost` that is its own authority, in a temporary folder.
package final class CertificateFiles: Sendable {
    private let folder: String
    package var files: (certificate: String, key: String, authority: String) {
        ("\(folder)/server.pem", "\(folder)/server.key", "\(folder)/server.pem")
    }

    package init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tandem-tls-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let process = try ServerProcess(
            [
                try program("openssl", package: "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "\(folder)/server.key", "-out",
                "\(folder)/server.pem",
            ], output: "\(folder)/output.txt")
        while !process.hasEnded { Thread.sleep(forTimeInterval: 0.005) }
        guard FileManager.default.fileExists(atPath: "\(folder)/server.pem") else {
            throw TestServerError(process.text)
        }
        // Servers that give up the rights of root read it too.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder)/server.key")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
