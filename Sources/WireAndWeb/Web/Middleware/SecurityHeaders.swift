import Wire

/// The response fields that restrict what a page may do in a browser.
///
/// A route with rules of its own sits in a group with its own `SecurityHeaders`: the inner ones win.
package struct SecurityHeaders: Sendable {
    /// The directives of the Content-Security-Policy but `frame-ancestors`.
    package var policy: [(directive: String, sources: [String])] = [
        ("default-src", ["'self'"]), ("object-src", ["'none'"]), ("base-uri", ["'self'"]), ("form-action", ["'self'"]),
    ]
    /// Which sites may show the page in a frame, such as `'self'` or `https://example.com`; none by default.
    package var frameAncestors: [String] = []
    package var referrerPolicy = "same-origin"
    /// What no page asks the browser for, nor anything it shows in a frame.
    private static let permissionsPolicy =
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    /// Whether people reach the site over https even where a request doesn't say so. Over https browsers are told to come over
    /// https for a year (RFC 6797).
    package var isSiteSecure = false

    package init() {}

    /// Sets a directive's sources: `allow("img-src", "'self'", "https://cdn.example.com")`.
    package func allowing(_ directive: String, _ sources: String...) -> SecurityHeaders {
        var headers = self
        headers.policy.removeAll { $0.directive == directive }
        headers.policy.append((directive, sources))
        return headers
    }

    /// Lets these sites show the page in a frame.
    package func framed(by sources: String...) -> SecurityHeaders {
        var headers = self
        headers.frameAncestors = sources
        return headers
    }

    package var middleware: Middleware {
        .finishing { [setting] request, response in
            var response = response
            setting(request, &response)
            return response
        }
    }

    /// The same for all responses of a router: those of groups with rules of their own keep them.
    package var finisher: Finisher { { [setting] request, response, _ in setting(request, &response) } }

    /// Adds the fields to a response.
    package var setting: @Sendable (Request, inout Response) -> Void {
        let policy = contentSecurityPolicy
        let frameOptions = frameAncestors.isEmpty ? "DENY" : frameAncestors == ["'self'"] ? "SAMEORIGIN" : nil
        let (referrerPolicy, isSiteSecure) = (referrerPolicy, isSiteSecure)
        return { request, response in
            if response.headers["content-security-policy"] == nil {
                response.headers["content-security-policy"] = policy
                response.headers["x-frame-options"] = frameOptions
            }
            if response.headers["referrer-policy"] == nil { response.headers["referrer-policy"] = referrerPolicy }
            response.headers["x-content-type-options"] = "nosniff"
            // Pages of other origins can't load it as an image or a script, whose bytes would then be within their process.
            response.headers["cross-origin-resource-policy"] = "same-origin"
            if response.headers["content-type"]?.hasPrefix("text/html") == true {
                response.headers["cross-origin-opener-policy"] = "same-origin"
                response.headers["permissions-policy"] = Self.permissionsPolicy
            }
            if isSiteSecure || request.isSecure {
                response.headers["strict-transport-security"] = "max-age=31536000"
            }
        }
    }

    private var contentSecurityPolicy: String {
        let ancestors = ("frame-ancestors", frameAncestors.isEmpty ? ["'none'"] : frameAncestors)
        return (policy + [ancestors]).map { "\($0.0) \($0.1.joined(separator: " "))" }.joined(separator: "; ")
    }
}
