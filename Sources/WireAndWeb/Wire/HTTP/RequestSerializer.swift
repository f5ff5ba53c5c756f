/// Writes requests as HTTP/1.1 (RFC 9112).
package enum RequestSerializer {
    /// Request line, fields and empty line. The fields need a `Host`; Content-Length and Transfer-Encoding in them are
    /// ignored: `framing` decides. Bytes that a target can't hold are percent-encoded.
    package static func head(_ head: RequestHead, framing: BodyFraming) -> [UInt8] {
        precondition(!head.method.isEmpty && head.method.utf8.allSatisfy(ASCII.isToken), "a method is a token")
        precondition(framing != .untilClose, "a request's body can't end with the connection")
        precondition(head.headers.contains("Host"), "a request names its host")
        var out = [UInt8]()
        out.reserveCapacity(64 + head.target.utf8.count + head.headers.count * 40)
        out += head.method.utf8
        out.append(ASCII.space)
        for byte in head.target.utf8 {
            if ASCII.isVisible(byte), byte != UInt8(ascii: "#") {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 15)]
            }
        }
        out += " HTTP/1.1\r\n".utf8
        HeadWriter.write(head.headers, framing, to: &out)
        return out
    }

    /// A whole request.
    package static func request(_ head: RequestHead, body: [UInt8] = []) -> [UInt8] {
        let hasLength = !body.isEmpty || ["POST", "PUT", "PATCH"].contains(head.method)
        return Self.head(head, framing: hasLength ? .length(body.count) : .none) + body
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { Array("0123456789ABCDEF".utf8)[Int(value)] }
}
