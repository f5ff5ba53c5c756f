import Core

/// Why a TLS context couldn't be made or a TLS connection failed.
package struct TLSError: CodedError, Equatable {
    package let code: String
    package let message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
