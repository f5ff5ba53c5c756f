import Crypto
import TestSupport

/// A certificate authority of a test's own, made by the `openssl` command in a temporary folder.
final class TestAuthority: Sendable {
    private let folder: TemporaryFolder
    var certificate: String { folder.file("ca.pem") }

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("index.txt", "")
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
        try folder.write("openssl.cnf", configuration)
        try openssl(
            "req", "-x509", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority",
            "-addext", "basicConstraints=critical,CA:TRUE")
    }

    /// A server context with a certificate for `names` (`DNS:localhost`, `IP:127.0.0.1`), valid now or only long ago.
    func server(
        _ name: String, names: String = "DNS:localhost,IP:127.0.0.1", expired: Bool = false, protocols: [String] = []
    ) throws -> TLSContext {
        try openssl(
            "req", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(name)")
        try folder.write("\(name).ext", "subjectAltName=\(names)\n")
        try openssl(
            "ca", "-batch", "-config", "openssl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "\(name).csr",
            "-out", "\(name).pem", "-extfile", "\(name).ext", "-notext",
            "-startdate", expired ? "20200101000000Z" : "20250101000000Z",
            "-enddate", expired ? "20210101000000Z" : "20990101000000Z")
        return try .server(
            certificate: folder.file("\(name).pem"), key: folder.file("\(name).key"), protocols: protocols)
    }

    private func openssl(_ arguments: String...) throws {
        let process = try ChildProcess([try program("openssl", package: "openssl")] + arguments, in: folder.path)
        guard process.blockingExit() == 0 else { throw TestServerError("openssl failed: \(process.text)") }
    }
}
