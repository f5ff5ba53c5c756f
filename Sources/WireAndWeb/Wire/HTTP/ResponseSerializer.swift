/// Writes responses as HTTP/1.1 (RFC 9112).
package enum ResponseSerializer {
    /// Status line, fields and empty line.
    ///
    /// Content-Length and Transfer-Encoding in `head.headers` are ignored: `framing` decides. A status that never has
    /// a body (1xx, 204) gets neither.
    package static func head(_ head: ResponseHead, framing: BodyFraming) -> [UInt8] {
        var out = [UInt8]()
        out.reserveCapacity(64 + head.headers.count * 40)
        write(head, framing: framing, to: &out)
        return out
    }

    /// The same, appended to memory that the caller uses again and again.
    ///
    /// - Parameter own: fields of the connection itself, in the place of those of the same names in the head.
    package static func write(
        _ head: ResponseHead, own: [Headers.Field] = [], framing: BodyFraming, to out: inout [UInt8]
    ) {
        precondition(head.status >= 100 && head.status < 600, "a status has three digits")
        if head.status == 200 {
            out += ok
        } else {
            out += "HTTP/1.1 \(head.status) \(ResponseHead.reason(head.status))\r\n".utf8
        }
        let isEmpty = head.status < 200 || head.status == 204
        HeadWriter.write(head.headers, own: own, isEmpty ? .none : framing, to: &out)
    }

    private static let ok: [UInt8] = Array("HTTP/1.1 200 OK\r\n".utf8)

    /// A whole response. Its length is that of `body`; the body itself is left out where the method or the status says that
    /// there is none.
    package static func response(_ head: ResponseHead, body: [UInt8] = [], to method: String = "GET") -> [UInt8] {
        let framing: BodyFraming = head.status == 304 ? .none : .length(body.count)
        var out = Self.head(head, framing: framing)
        if !ResponseHead.isBodiless(status: head.status, to: method) { out += body }
        return out
    }

    /// What to send when a request `expectsContinue` and its body is welcome.
    package static let `continue`: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}
