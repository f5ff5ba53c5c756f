import COpenSSL

/// Authenticated encryption: AES-256 in Galois/Counter Mode (NIST SP 800-38D).
///
/// A sealed value is the 12 bytes of its random nonce, the ciphertext, and the 16 bytes of its tag. One key may seal up to
/// 2³² values.
package enum AESGCM {
    package static let keyByteCount = 32
    private static let nonceByteCount = 12
    private static let tagByteCount = 16

    /// Seals `text`; `context` is not part of the result but must be the same to open it.
    package static func seal(_ text: [UInt8], key: [UInt8], authenticating context: [UInt8] = []) -> [UInt8] {
        let nonce = SecureRandom.bytes(nonceByteCount)
        var sealed = [UInt8](repeating: 0, count: text.count)
        var tag = [UInt8](repeating: 0, count: tagByteCount)
        let done = unsafe run(encrypting: true, text, into: &sealed, key: key, nonce: nonce, context) { cipher in
            unsafe tag.withUnsafeMutableBytes { tag in
                unsafe EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagByteCount), tag.baseAddress) == 1
            }
        }
        precondition(done, "OpenSSL could not encrypt")
        return nonce + sealed + tag
    }

    /// Returns what was sealed; `nil` unless key and context are the same and nothing was changed.
    package static func open(_ sealed: [UInt8], key: [UInt8], authenticating context: [UInt8] = []) -> [UInt8]? {
        guard sealed.count >= nonceByteCount + tagByteCount else { return nil }
        let nonce = Array(sealed.prefix(nonceByteCount))
        var tag = Array(sealed.suffix(tagByteCount))
        let input = Array(sealed.dropFirst(nonceByteCount).dropLast(tagByteCount))
        var text = [UInt8](repeating: 0, count: input.count)
        let isGenuine = unsafe run(encrypting: false, input, into: &text, key: key, nonce: nonce, context) { cipher in
            unsafe tag.withUnsafeMutableBytes { tag in
                unsafe EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagByteCount), tag.baseAddress) == 1
            }
        }
        return isGenuine ? text : nil
    }

    /// - Parameter tagStep: hands over the tag: before the end when decrypting, after it when encrypting.
    private static func run(
        encrypting: Bool, _ input: [UInt8], into output: inout [UInt8], key: [UInt8], nonce: [UInt8],
        _ context: [UInt8], tagStep: (OpaquePointer?) -> Bool
    ) -> Bool {
        precondition(key.count == keyByteCount, "the key has \(keyByteCount) bytes")
        let cipher = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(cipher) }
        var count: Int32 = 0
        guard unsafe EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce, encrypting ? 1 : 0) == 1 else {
            return false
        }
        if !context.isEmpty {
            guard unsafe EVP_CipherUpdate(cipher, nil, &count, context, Int32(context.count)) == 1 else { return false }
        }
        if !input.isEmpty {
            guard unsafe EVP_CipherUpdate(cipher, &output, &count, input, Int32(input.count)) == 1 else { return false }
        }
        if !encrypting { guard unsafe tagStep(cipher) else { return false } }
        var last = [UInt8](repeating: 0, count: tagByteCount)
        guard unsafe EVP_CipherFinal_ex(cipher, &last, &count) == 1 else { return false }
        return unsafe encrypting ? tagStep(cipher) : true
    }
}
