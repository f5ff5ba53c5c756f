import COpenSSL

/// A keyed digest: HMAC (RFC 2104) over SHA-256.
package enum HMACSHA256 {
    /// Returns the 32 bytes that authenticate `message` to a holder of `key`. Compare with `constantTimeEquals`.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { output, count in
            let done = unsafe message.withUnsafeBufferPointer { message in
                unsafe key.withUnsafeBytes { key in
                    // OpenSSL takes an empty key only by a pointer that isn't null.
                    var none: UInt8 = 0
                    return unsafe withUnsafePointer(to: &none) { none in
                        unsafe HMAC(
                            EVP_sha256(), key.baseAddress ?? UnsafeRawPointer(none), Int32(key.count),
                            message.baseAddress, message.count, output.baseAddress, nil) != nil
                    }
                }
            }
            precondition(done, "OpenSSL could not compute an HMAC")
            count = SHA256.byteCount
        }
    }
}

/// Whether both are equal, in a time that depends on their lengths only, so that the time reveals nothing about them.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in
            unsafe left.isEmpty || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
        }
    }
}
