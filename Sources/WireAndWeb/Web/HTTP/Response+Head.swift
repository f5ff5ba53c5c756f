import Wire

extension Response {
    /// Whether the connection becomes something that lasts.
    var isLongLived: Bool {
        switch body {
        case .eventStream, .webSocket: true
        case .none, .bytes, .produced: false
        }
    }

    /// The response to HEAD: the fields that GET would send, without the body.
    func withoutBody() -> Response {
        var response = self
        switch body {
        case .none: break
        case .bytes(let bytes): response.headers["content-length"] = String(bytes.count)
        case .produced(let length, _): if let length { response.headers["content-length"] = String(length) }
        case .eventStream, .webSocket: break
        }
        response.body = .none
        return response
    }
}
