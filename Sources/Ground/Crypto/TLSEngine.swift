import COpenSSL

/// One end of a TLS connection, without a socket: ciphertext goes in with `receive` and comes out with `withOutput`,
/// plaintext the other way round. Belongs to one thread at a time.
///
/// After `receive`, `advance`, `write` and `close` there may be output to send.
@safe package final class TLSEngine {
    /// What `read` found.
    package enum Reading: Equatable {
        /// This many bytes of plaintext were stored.
        case bytes(Int)
        /// Nothing until more ciphertext arrives.
        case nothing
        /// The peer sends no more (`close_notify`).
        case end
    }

    /// Whether plaintext can be exchanged.
    package private(set) var isEstablished = false
    private let context: TLSContext
    private let serverName: String?
    /// Owned here; frees both BIOs with it (`SSL_set_bio` takes them over).
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer

    /// - Parameter serverName: for a client, the host name or IP address that the server's certificate must be valid for;
    ///   a name is also sent (SNI). A server passes `nil`.
    /// - Throws: `TLSError` when OpenSSL can't make a connection.
    package init(context: TLSContext, serverName: String? = nil) throws(TLSError) {
        precondition(context.isServer == (serverName == nil), "a client names the server, a server names nothing")
        ERR_clear_error()
        guard let ssl = unsafe SSL_new(context.context) else {
            throw .current(code: "tls_unavailable", "OpenSSL can't make a connection")
        }
        guard let input = unsafe BIO_new(BIO_s_mem()), let output = unsafe BIO_new(BIO_s_mem()) else {
            fatalError("out of memory")
        }
        // An empty input means "later", not "the end".
        unsafe tandem_BIO_set_mem_eof_return(input, -1)
        unsafe tandem_BIO_set_mem_eof_return(output, -1)
        unsafe SSL_set_bio(ssl, input, output)
        self.context = context
        self.serverName = serverName
        unsafe self.ssl = unsafe ssl
        unsafe self.input = unsafe input
        unsafe self.output = unsafe output
        guard let serverName else {
            unsafe SSL_set_accept_state(ssl)
            return
        }
        unsafe SSL_set_connect_state(ssl)
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), serverName) == 1 { return }
        ERR_clear_error()
        unsafe SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard unsafe SSL_set1_host(ssl, serverName) == 1, unsafe tandem_SSL_set_tlsext_host_name(ssl, serverName) == 1
        else { throw .current(code: "tls_server_name", "“\(serverName)” is not a host name") }
    }

    deinit { unsafe SSL_free(ssl) }

    /// Takes ciphertext from the peer; all of it, always.
    package func receive(_ bytes: UnsafeRawBufferPointer) {
        guard unsafe !bytes.isEmpty else { return }
        let stored = unsafe BIO_write(input, bytes.baseAddress, Int32(bytes.count))
        precondition(stored == Int32(bytes.count), "out of memory")
    }

    /// Goes on with the handshake as far as the input allows; a client calls it once at the start.
    /// - Returns: whether plaintext can be exchanged now.
    /// - Throws: `TLSError`, with the fault of the peer's certificate; there is an alert to be sent then.
    package func advance() throws(TLSError) -> Bool {
        guard !isEstablished else { return true }
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        if result == 1 {
            isEstablished = true
            return true
        }
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return false
        default: throw unsafe .handshake(ssl: ssl, serverName: serverName)
        }
    }

    /// Decrypts into `buffer`; call until it returns `.nothing` or `.end`.
    ///
    /// - Throws: `TLSError` when the peer broke the protocol.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> Reading {
        ERR_clear_error()
        let result = unsafe SSL_read(ssl, buffer.baseAddress, Int32(buffer.count))
        if result > 0 { return .bytes(Int(result)) }
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .nothing
        case SSL_ERROR_ZERO_RETURN: return .end
        default: throw .current(code: "tls_protocol", "the peer broke the TLS protocol or its data was tampered with")
        }
    }

    /// Encrypts all of `bytes` into the output. Only once established.
    ///
    /// - Throws: `TLSError`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
        precondition(isEstablished, "nothing can be encrypted before the handshake is done")
        var rest = unsafe bytes
        ERR_clear_error()
        while unsafe !rest.isEmpty {
            let taken = unsafe SSL_write(ssl, rest.baseAddress, Int32(clamping: rest.count))
            // The output grows as needed, and there is no renegotiation: anything but success is an error.
            guard taken > 0 else { throw .current(code: "tls_protocol", "data could not be encrypted") }
            unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[Int(taken)...])
        }
    }

    /// Tells the peer that no more will come (`close_notify`); reading goes on.
    package func close() {
        ERR_clear_error()
        if isEstablished { _ = unsafe SSL_shutdown(ssl) }
    }

    /// How many bytes of ciphertext wait to be sent.
    package var outputCount: Int { unsafe Int(BIO_ctrl_pending(output)) }

    /// Shows all ciphertext that waits to be sent, then forgets it. The bytes are valid during the call only.
    package func withOutput<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var start: UnsafePointer<UInt8>?
        let count = unsafe tandem_BIO_get_mem_data(output, &start)
        let result = unsafe body(UnsafeRawBufferPointer(start: start, count: count))
        unsafe tandem_BIO_reset(output)
        return result
    }

    /// The application protocol both agreed on (ALPN), once established.
    package var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &name, &count)
        guard let name = unsafe name, count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }
}

extension TLSError {
    /// An error with what OpenSSL last complained about on this thread.
    static func current(code: String, _ message: String) -> TLSError {
        let number = ERR_get_error()
        ERR_clear_error()
        guard number != 0, let reason = unsafe ERR_reason_error_string(number) else {
            return TLSError(code: code, message: message)
        }
        return unsafe TLSError(code: code, message: "\(message) (\(String(cString: reason)))")
    }

    /// Why a handshake failed: above all, which check the peer's certificate didn't pass.
    static func handshake(ssl: OpaquePointer, serverName: String?) -> TLSError {
        let verification = unsafe Int32(SSL_get_verify_result(ssl))
        guard let serverName, verification != tandem_X509_V_OK else {
            return .current(code: "tls_handshake", "the TLS handshake failed")
        }
        ERR_clear_error()
        let reason = unsafe String(cString: X509_verify_cert_error_string(Int(verification)))
        let (code, fault) =
            switch verification {
            case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
                ("certificate_host_mismatch", "is not valid for this name")
            case X509_V_ERR_CERT_HAS_EXPIRED: ("certificate_expired", "has expired")
            case X509_V_ERR_CERT_NOT_YET_VALID: ("certificate_not_yet_valid", "is not valid yet")
            case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
                X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
                ("certificate_unknown_authority", "comes from an authority that is not trusted here")
            default: ("certificate_invalid", "is not valid")
            }
        return TLSError(code: code, message: "the certificate of \(serverName) \(fault) (\(reason))")
    }
}
