/// A kind of server that we use, such as a broker: what it is called and what its addresses look like.
package protocol RemoteServer: SendableMetatype {
    /// As people call it.
    static var name: String { get }
    /// What the codes of its errors begin with.
    static var code: String { get }
    /// Without and with TLS.
    static var schemes: (plain: String, encrypted: String) { get }
    /// The ports that are meant when an address names none.
    static var ports: (plain: Int, encrypted: Int) { get }
    /// A whole address without TLS, to show what one looks like.
    static var example: String { get }
}

extension RemoteServer {
    /// For the log and for messages.
    package static func address(host: String, port: Int, isEncrypted: Bool) -> String {
        "\(isEncrypted ? schemes.encrypted : schemes.plain)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
