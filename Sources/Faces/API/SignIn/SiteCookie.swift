import Web

/// A cookie that says who a browser is. Over https its name begins with `__Host-`, and no other name counts: browsers take
/// such a cookie only from this host and over TLS (RFC 6265bis, section 4.1.3.2), so neither another host of the domain nor
/// somebody in the network can put one of theirs there.
struct SiteCookie: Sendable {
    /// What it's called without TLS.
    let name: String
    private let hostName: String
    /// Whether people reach the site over https, whatever is known of how a request came.
    private let isSiteSecure: Bool

    init(_ name: String, isSiteSecure: Bool) {
        self.name = name
        self.isSiteSecure = isSiteSecure
        hostName = "__Host-" + name
    }

    /// What the browser sent.
    func value(in request: Request) -> String? { request.cookie(isSecure(request) ? hostName : name) }

    /// Everything that the browser sent under either name: good for ending what it opens, and for nothing else.
    func allValues(in request: Request) -> [String] { [hostName, name].compactMap(request.cookie) }

    func set(_ value: String, maxAge: Duration, on response: inout Response, to request: Request) {
        let isSecure = isSecure(request)
        response.setCookie(Cookie(isSecure ? hostName : name, value, maxAge: maxAge, isSecure: isSecure))
        // What was set before the site had TLS.
        if isSecure, request.cookie(name) != nil { response.setCookie(.removal(of: name, isSecure: true)) }
    }

    func remove(on response: inout Response, to request: Request) {
        let isSecure = isSecure(request)
        response.setCookie(.removal(of: isSecure ? hostName : name, isSecure: isSecure))
        if isSecure, request.cookie(name) != nil { response.setCookie(.removal(of: name, isSecure: true)) }
    }

    private func isSecure(_ request: Request) -> Bool { isSiteSecure || request.isSecure }
}
