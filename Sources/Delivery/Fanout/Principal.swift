/// The caller that asks to see something: a user, or a service that acts for itself.
package struct Principal: Sendable, Hashable {
    /// The stable name, such as `user/42`. Empty for a caller about whom no policy is asked.
    package let id: String
    /// The session through which the principal came, so that ending it ends the streams it opened.
    package let session: String?

    package init(id: String, session: String? = nil) {
        self.id = id
        self.session = session
    }
}
