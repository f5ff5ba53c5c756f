import Wire

/// Refuses requests that another site makes a browser send in the name of a signed-in user (cross-site request forgery).
///
/// It looks at requests that change state (any method but GET, HEAD and OPTIONS) or open a WebSocket. These need an `Origin`
/// of our own site or of one that is allowed. Without one, `Sec-Fetch-Site` must say that no other site caused the request;
/// without that, a `Referer` of such a site is needed.
package struct OriginCheck: Sendable {
    /// Which requests it looks at.
    package enum Scope: Sendable {
        /// Those with cookies: the others act in nobody's name.
        case withCookies
        /// All, for a server where reaching the port is enough to act. Requests that say nothing of where they come from
        /// pass: no browser sends such ones.
        case all
    }

    private let allowed: Set<String>
    private let scope: Scope

    /// - Parameter allowed: further origins whose pages may act, such as `https://app.example.com`.
    package init(allowed: [String] = [], scope: Scope = .withCookies) {
        self.allowed = Set(allowed.map { $0.lowercased() })
        self.scope = scope
    }

    package var middleware: Middleware {
        .checking { request in
            guard !concerns(request) || isOwn(request) else {
                throw HTTPError(403, "bad_origin", "The request came from a page of another site.")
            }
        }
    }

    private func concerns(_ request: Request) -> Bool {
        guard scope == .all || request.headers.contains("cookie") else { return false }
        return !["GET", "HEAD", "OPTIONS"].contains(request.method) || request.headers.lists("websocket", in: "upgrade")
    }

    private func isOwn(_ request: Request) -> Bool {
        if let origin = request.headers["origin"] { return matches(origin, request) }
        if let site = request.headers["sec-fetch-site"] { return site == "same-origin" || site == "none" }
        guard let referer = request.headers["referer"], let separator = referer.firstRange(of: "://") else {
            return scope == .all
        }
        let end = referer[separator.upperBound...].firstIndex { "/?#".contains($0) } ?? referer.endIndex
        return matches(String(referer[..<end]), request)
    }

    /// Our own site is the same host and port; a page without TLS may not act where the site has it.
    private func matches(_ origin: String, _ request: Request) -> Bool {
        let origin = origin.lowercased()
        if allowed.contains(origin) { return true }
        guard let separator = origin.firstRange(of: "://") else { return false }
        let scheme = String(origin[..<separator.lowerBound])
        guard scheme == "https" || (scheme == "http" && !request.isSecure) else { return false }
        return Self.authority(origin[separator.upperBound...], scheme)
            == Self.authority(request.host.lowercased()[...], scheme)
    }

    private static func authority(_ text: Substring, _ scheme: String) -> Substring {
        let standard = scheme == "https" ? ":443" : ":80"
        return text.hasSuffix(standard) ? text.dropLast(standard.count) : text
    }
}
