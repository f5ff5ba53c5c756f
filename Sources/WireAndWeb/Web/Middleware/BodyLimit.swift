/// A tighter limit on bodies than the server's own, for some routes.
package enum BodyLimit {
    /// Answers 413 `body_too_large` to bodies of more than so many bytes.
    package static func middleware(_ bytes: Int) -> Middleware {
        .checking { request in
            guard request.body.count <= bytes else {
                throw HTTPError(413, "body_too_large", "The body has more than the \(bytes) bytes accepted here.")
            }
        }
    }
}
