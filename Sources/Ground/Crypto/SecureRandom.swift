import COpenSSL

/// Unpredictable random bytes, for tokens and keys.
package enum SecureRandom {
    /// `count` bytes from OpenSSL's generator, which is seeded by the system and safe to use from any thread.
    package static func bytes(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Nothing that runs without randomness would be safe.
            precondition(unsafe RAND_bytes(buffer.baseAddress, Int32(count)) == 1, "the system gives no random bytes")
            initialized = count
        }
    }
}
