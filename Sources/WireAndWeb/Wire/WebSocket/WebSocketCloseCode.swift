/// Why a WebSocket was closed (RFC 6455 §7.4).
package struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }
    package init(integerLiteral value: UInt16) { rawValue = value }

    package static let normal: Self = 1000
    package static let goingAway: Self = 1001
    package static let protocolError: Self = 1002
    package static let unsupportedData: Self = 1003
    /// The close frame held no code. Never sent.
    package static let noStatus: Self = 1005
    /// The connection ended without a close frame. Never sent.
    package static let abnormal: Self = 1006
    package static let invalidData: Self = 1007
    package static let policyViolation: Self = 1008
    package static let messageTooBig: Self = 1009
    package static let missingExtension: Self = 1010
    package static let internalError: Self = 1011
    package static let serviceRestart: Self = 1012
    package static let tryAgainLater: Self = 1013

    /// Whether a close frame may carry it: assigned by the RFC and IANA for that, or the application's (4000–4999) or a library's
    /// (3000–3999) own.
    package var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
