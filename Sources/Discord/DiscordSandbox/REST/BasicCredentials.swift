import Crypto
import Web

/// `Authorization: Basic` (RFC 7617).
enum BasicCredentials {
    static func read(_ header: String?) -> (name: String, password: String)? {
        guard let header, header.lowercased().hasPrefix("basic "),
            let bytes = Base64.decode(header.dropFirst(6).filter { $0 != " " })
        else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self)
            .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        guard let name = PercentEncoding.decode(parts[0]), let password = PercentEncoding.decode(parts[1]) else {
            return nil
        }
        return (name, password)
    }
}
