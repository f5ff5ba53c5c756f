/// A kind of server that Tandem uses, such as a broker: its name and the form of its addresses.
package protocol RemoteServer: SendableMetatype {
    /// The name for messages, such as `Redis`.
    static var name: String { get }
    /// The prefix of its errors' codes.
    static var code: String { get }
    /// Without and with TLS.
    static var schemes: (plain: String, encrypted: String) { get }
    /// The ports that are meant when an address names none.
    static var ports: (plain: Int, encrypted: Int) { get }
    /// A whole address without TLS, to show what one looks like.
    static var example: String { get }
}

extension RemoteServer {
    /// Returns an address without user and password, for the log and for messages.
    package static func address(host: String, port: Int, isEncrypted: Bool) -> String {
        "\(isEncrypted ? schemes.encrypted : schemes.plain)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
