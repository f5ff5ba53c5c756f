/// The permission to open a stream, made by `Hub.admit`: a policy's answer together with the position as of which it was
/// given. What changed since is asked about again when the stream is attached.
package struct Admission: Sendable {
    let principal: Principal
    let interest: Interest
    let access: Access
    let asOf: Int64
    let resume: Resume

    /// The topics that were granted; empty means that the caller may see nothing of what it asked for.
    package var topics: [String] { access.topics }

    /// The session of the caller has ended meanwhile.
    package var isSignedOut: Bool { access.isSignedOut }

    enum Resume: Sendable {
        /// From now on.
        case live
        /// After this event.
        case after(Int64)
        /// The client's cursor can't be continued: it must fetch everything anew.
        case reset(reason: String)
    }
}
