import Foundation

/// A certificate for `localhost` that is its own authority, in a temporary folder.
package final class CertificateFiles: Sendable {
    private let folder: TemporaryFolder

    /// Their paths, as PEM files.
    package var files: (certificate: String, key: String, authority: String) {
        (folder.file("server.pem"), folder.file("server.key"), folder.file("server.pem"))
    }

    /// - Throws: `TestServerError` when `openssl` is missing or fails.
    package init() throws {
        folder = try TemporaryFolder()
        let process = try ChildProcess(
            [
                try program("openssl", package: "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "server.key", "-out", "server.pem",
            ], in: folder.path)
        guard process.blockingExit() == 0 else { throw TestServerError(process.text) }
        // Servers that give up the rights of root read it too.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: files.key)
    }
}
