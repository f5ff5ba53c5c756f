import COpenSSL

/// What the connections of one kind have in common: certificates, trusted authorities, protocols offered. TLS 1.2 at least.
///
/// Make one and keep it: it is expensive to make (a client's reads all certificate authorities) and may be used from any
/// thread.
///
/// `@unchecked`: OpenSSL counts references to an `SSL_CTX` atomically and locks what connections share; it is set up in
/// `init` and never changed afterwards.
@safe package final class TLSContext: @unchecked Sendable {
    /// Whose certificates a client accepts.
    package enum Authorities: Sendable {
        /// Those that the operating system trusts (and `SSL_CERT_FILE` or `SSL_CERT_DIR`, if set).
        case system
        /// Those in this file (PEM) and no others.
        case file(String)
    }

    package let isServer: Bool
    /// Application protocols (RFC 7301), the preferred one first.
    package let protocols: [String]
    let context: OpaquePointer
    /// The protocols in the form of the wire: each after its length.
    private let encodedProtocols: [UInt8]

    /// A context for connections to servers, whose certificate and host name are always verified.
    /// - Parameter protocols: offered by ALPN, such as `["http/1.1"]`.
    /// - Throws: `TLSError` if the authorities can't be read.
    package static func client(
        authorities: Authorities = .system, protocols: [String] = []
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(isServer: false, protocols: protocols)
        unsafe SSL_CTX_set_verify(context.context, SSL_VERIFY_PEER, nil)
        switch authorities {
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(context.context) == 1 else {
                throw .current(code: "tls_authorities", "the system's certificate authorities can't be read")
            }
        case .file(let path):
            guard unsafe SSL_CTX_load_verify_locations(context.context, path, nil) == 1 else {
                throw .current(code: "tls_authorities", "certificate authorities can't be read from \(path)")
            }
        }
        return context
    }

    /// A context for connections from clients.
    /// - Parameters:
    ///   - certificate: the path of a PEM file: the server's certificate, then those between it and the authority.
    ///   - key: the path of a PEM file with the certificate's private key.
    ///   - protocols: accepted by ALPN; a client that offers only others is served without one.
    /// - Throws: `TLSError` if a file can't be read or the two don't belong together.
    package static func server(
        certificate: String, key: String, protocols: [String] = []
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(isServer: true, protocols: protocols)
        guard unsafe SSL_CTX_use_certificate_chain_file(context.context, certificate) == 1 else {
            throw .current(code: "tls_certificate", "the certificate can't be read from \(certificate)")
        }
        guard unsafe SSL_CTX_use_PrivateKey_file(context.context, key, SSL_FILETYPE_PEM) == 1 else {
            throw .current(code: "tls_key", "the private key can't be read from \(key) or isn't the certificate's")
        }
        guard unsafe SSL_CTX_check_private_key(context.context) == 1 else {
            throw .current(code: "tls_key", "the private key in \(key) isn't the certificate's")
        }
        return context
    }

    private init(isServer: Bool, protocols: [String]) throws(TLSError) {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw .current(code: "tls_unavailable", "OpenSSL can't make a context")
        }
        unsafe self.context = unsafe context
        self.isServer = isServer
        self.protocols = protocols
        encodedProtocols = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        _ = unsafe tandem_SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)
        // Buffers of 16 KiB each way are given back while a connection is idle. Plaintext handed over again after a refusal
        // may lie elsewhere in memory.
        unsafe tandem_SSL_CTX_set_mode(
            context,
            Int(SSL_MODE_RELEASE_BUFFERS) | Int(SSL_MODE_ENABLE_PARTIAL_WRITE)
                | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        unsafe tandem_SSL_CTX_forbid_renegotiation_and_compression(context)
        guard !protocols.isEmpty else { return }
        if isServer {
            // The context outlives its connections, since each engine holds it.
            unsafe SSL_CTX_set_alpn_select_cb(
                context,
                { _, chosen, chosenCount, offered, offeredCount, argument in
                    guard let chosen = unsafe chosen, let offered = unsafe offered, let argument = unsafe argument
                    else { return SSL_TLSEXT_ERR_NOACK }
                    let own = unsafe Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
                    return unsafe own.choose(from: offered, offeredCount, into: chosen, chosenCount)
                }, Unmanaged.passUnretained(self).toOpaque())
        } else {
            // This one call returns 0 when it succeeds.
            _ = unsafe SSL_CTX_set_alpn_protos(context, encodedProtocols, UInt32(encodedProtocols.count))
        }
    }

    deinit { unsafe SSL_CTX_free(context) }

    /// Points `chosen` at the first of our protocols that the client offers, inside the client's own list.
    private func choose(
        from offered: UnsafePointer<UInt8>, _ count: UInt32, into chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>,
        _ chosenCount: UnsafeMutablePointer<UInt8>?
    ) -> Int32 {
        let list = unsafe UnsafeBufferPointer(start: offered, count: Int(count))
        for name in protocols {
            var index = 0
            while index < list.count {
                let length = unsafe Int(list[index])
                guard index + 1 + length <= list.count else { break }
                let candidate = unsafe UnsafeBufferPointer(rebasing: list[(index + 1)..<(index + 1 + length)])
                if unsafe candidate.elementsEqual(name.utf8) {
                    unsafe chosen.pointee = candidate.baseAddress
                    unsafe chosenCount?.pointee = UInt8(length)
                    return SSL_TLSEXT_ERR_OK
                }
                index += 1 + length
            }
        }
        return SSL_TLSEXT_ERR_NOACK
    }
}
