/// Who asks to see something: a person, or a service that acts for itself.
package struct Principal: Sendable, Hashable {
    /// The stable name, such as `user/42`. Empty for a caller that no policy is asked about.
    package let id: String
    /// The session through which the principal came, so that ending it ends the streams it opened.
    package let session: String?

    package init(id: String, session: String? = nil) {
        self.id = id
        self.session = session
    }
}

/// What a topic may be called.
package enum TopicName {
    /// 1 to 200 characters out of `A–Z a–z 0–9 / _ . : -`, so that a name needs no escaping anywhere.
    package static func isValid(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}

/// What a stream wants to see.
package enum Interest: Sendable, Equatable {
    /// Exactly these topics.
    case topics([String])
    /// Every topic that the principal may see and whose name begins with one of these prefixes, now and later: topics
    /// come and go as access is granted and revoked.
    case following([String])

    func includes(_ topic: String) -> Bool {
        switch self {
        case .topics(let topics): topics.contains(topic)
        case .following(let prefixes): prefixes.contains { topic.hasPrefix($0) }
        }
    }
}

/// A policy's answer: the topics that may be seen, and for how long that holds before it must be asked again.
package struct Access: Sendable, Equatable {
    package let topics: [String]
    package let validity: Duration

    package init(topics: [String], validity: Duration) {
        self.topics = topics
        self.validity = validity
    }

    package static let none = Access(topics: [], validity: .zero)
}

/// Decides who may see which topic. The layers above implement it; this one only asks.
package protocol TopicPolicy: Sendable {
    /// The part of `interest` that `principal` may see now.
    /// - Throws: when that can't be found out. Streams then stay open and receive nothing until it can.
    func access(of principal: Principal, to interest: Interest) async throws -> Access
}

/// A policy's answer together with the position as of which it was given: whatever changed since is asked about again
/// when the stream is attached.
package struct Admission: Sendable {
    let principal: Principal
    let interest: Interest
    let access: Access
    let asOf: Int64
    let resume: Resume

    /// The topics that were granted; empty means that the caller may see nothing of what it asked for.
    package var topics: [String] { access.topics }

    enum Resume: Sendable {
        /// From now on.
        case live
        /// After this event.
        case after(Int64)
        /// The client's cursor can't be continued: it must fetch everything anew.
        case reset(reason: String)
    }
}
