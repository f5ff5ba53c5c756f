import Crypto
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A certificate authority of a test's own, made by the `openssl` command in a temporary folder.
final class TestAuthority: Sendable {
    let folder: URL
    var certificate: String { path("ca.pem") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tandem-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("".utf8).write(to: folder.appending(path: "index.txt"))
        let configuration = """
            [req]
            distinguished_name = dn
            [dn]
            [ca]
            default_ca = own
            [own]
            database = index.txt
            new_certs_dir = .
            default_md = sha256
            policy = anything
            rand_serial = yes
            unique_subject = no
            [anything]
            commonName = supplied
            """
        try Data(configuration.utf8).write(to: folder.appending(path: "openssl.cnf"))
        try openssl(
            "req", "-x509", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority",
            "-addext", "basicConstraints=critical,CA:TRUE")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A server context with a certificate for `names` (`DNS:localhost`, `IP:127.0.0.1`), valid now or only long ago.
    func server(
        _ name: String, names: String = "DNS:localhost,IP:127.0.0.1", expired: Bool = false, protocols: [String] = []
    ) throws -> TLSContext {
        try openssl(
            "req", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(name)")
        try Data("subjectAltName=\(names)\n".utf8).write(to: folder.appending(path: "\(name).ext"))
        try openssl(
            "ca", "-batch", "-config", "openssl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "\(name).csr",
            "-out", "\(name).pem", "-extfile", "\(name).ext", "-notext",
            "-startdate", expired ? "20200101000000Z" : "20250101000000Z",
            "-enddate", expired ? "20210101000000Z" : "20990101000000Z")
        return try .server(certificate: path("\(name).pem"), key: path("\(name).key"), protocols: protocols)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Through the shell, because Foundation's `Process` leaks.
    private func openssl(_ arguments: String...) throws {
        let words = (["openssl"] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let command = "cd '\(folder.path)' && \(words) >output.txt 2>&1 </dev/null"
        var process = pid_t()
        var status: Int32 = -1
        let arguments: [String] = ["/bin/sh", "-c", command]
        let texts: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe texts.forEach { unsafe free($0) } }
        let isStarted = unsafe posix_spawn(&process, "/bin/sh", nil, nil, texts, environ) == 0
        if isStarted { while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {} }
        guard status == 0 else {
            let output = (try? String(contentsOf: folder.appending(path: "output.txt"), encoding: .utf8)) ?? ""
            throw TLSError(code: "test", message: "openssl (apt-get install openssl) failed: \(output)")
        }
    }
}
