import CLibuv
import Core

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What went wrong with a socket, an address or a name.
package struct NetworkError: CodedError, Equatable {
    package let code: String
    package let message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// False for wrong addresses and missing rights; everything else about a network may change by itself.
    package var isTemporary: Bool {
        !["address_in_use", "address_not_available", "permission_denied", "invalid_port"].contains(code)
    }

    /// The error that `errno` names, met while doing `what` ("connect to localhost:80").
    static func system(_ number: Int32, _ what: String) -> NetworkError {
        let code =
            switch number {
            case EADDRINUSE: "address_in_use"
            case EADDRNOTAVAIL: "address_not_available"
            case EACCES: "permission_denied"
            case ECONNREFUSED: "connection_refused"
            case ECONNRESET, EPIPE: "connection_reset"
            case ETIMEDOUT: "timed_out"
            case EHOSTUNREACH, ENETUNREACH: "unreachable"
            case EMFILE, ENFILE: "too_many_files"
            case ECANCELED: "cancelled"
            default: "network_error"
            }
        return NetworkError(code: code, message: "could not \(what): \(description(of: number))")
    }

    static let closedInHandshake = NetworkError(
        code: "connection_closed", message: "the connection was closed during the TLS handshake")

    static func name(ofUV status: Int32) -> String { unsafe String(cString: uv_strerror(status)) }

    private static func description(of number: Int32) -> String {
        switch number {
        case EADDRINUSE: "address already in use"
        case ECANCELED: "the event loop stops"
        default: name(ofUV: -number)
        }
    }
}
