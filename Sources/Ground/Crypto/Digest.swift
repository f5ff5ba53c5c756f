import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    package static let byteCount = 32

    /// The 32 bytes of the digest.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        unsafe digest(bytes, with: EVP_sha256(), byteCount: byteCount)
    }
}

/// SHA-1 (FIPS 180-4), for protocols that prescribe it, such as the WebSocket handshake; it protects nothing.
package enum SHA1 {
    package static let byteCount = 20

    /// The 20 bytes of the digest.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        unsafe digest(bytes, with: EVP_sha1(), byteCount: byteCount)
    }
}

private func digest(_ bytes: [UInt8], with algorithm: OpaquePointer?, byteCount: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
        let done = unsafe bytes.withUnsafeBytes { input in
            unsafe EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, algorithm, nil)
        }
        precondition(done == 1, "OpenSSL could not compute a digest")
        count = byteCount
    }
}
