import Core
import Fanout
import Store
import Synchronization

/// A policy that tests can change.
final class TestPolicy: TopicPolicy {
    struct Unavailable: CodedError {
        let code = "policy_unavailable"
        let message = "The policy can't be asked."
    }

    /// An answer that is known, and on its way until it's given.
    struct HeldAnswer {
        fileprivate let asked = Latch()
        fileprivate let given = Latch()

        var isAsked: Bool { asked.isOpen }
        func give() { given.open() }
    }

    struct State {
        var held: HeldAnswer?
        var topics: [String: Set<String>] = [:]
        /// What of all its topics a principal sees who doesn't see everything.
        var sections: [String: Set<Int64>] = [:]
        var isAvailable = true
        var questions = 0
        var validity: Duration = .seconds(300)
        var endedSessions: Set<String> = []
    }

    let state = Mutex(State())

    var questions: Int { state.withLock { $0.questions } }

    func allow(_ principal: String, _ topics: String...) {
        state.withLock { $0.topics[principal, default: []].formUnion(topics) }
    }
    func deny(_ principal: String, _ topic: String) { state.withLock { _ = $0.topics[principal]?.remove(topic) } }
    func show(_ principal: String, _ sections: Int64...) {
        state.withLock { $0.sections[principal] = Set(sections) }
    }
    func end(session: String) { state.withLock { _ = $0.endedSessions.insert(session) } }
    func setAvailable(_ isAvailable: Bool) { state.withLock { $0.isAvailable = isAvailable } }
    func setValidity(_ validity: Duration) { state.withLock { $0.validity = validity } }

    func holdNextAnswer() -> HeldAnswer {
        let answer = HeldAnswer()
        state.withLock { $0.held = answer }
        return answer
    }

    func access(of principal: Principal, to interest: Interest) async throws -> Access {
        let (answer, held) = try state.withLock { state -> (Access, HeldAnswer?) in
            state.questions += 1
            guard state.isAvailable else { throw Unavailable() }
            if let session = principal.session, state.endedSessions.contains(session) { return (.signedOut, nil) }
            let allowed = state.topics[principal.id, default: []].sorted()
            let topics =
                switch interest {
                case .topics(let wanted): wanted.filter(allowed.contains)
                case .following(let prefixes): allowed.filter { name in prefixes.contains { name.hasPrefix($0) } }
                }
            var views: [String: TopicView] = [:]
            if let sections = state.sections[principal.id] {
                for topic in topics { views[topic] = .sections(sections) }
            }
            return (Access(topics: topics, views: views, validity: state.validity), state.held.take())
        }
        held?.asked.open()
        await held?.given.wait()
        return answer
    }

    /// An event of kind `in.7.ada` is for those who see section 7, and for Ada.
    func audience(of event: Event) -> Audience? {
        let parts = event.kind.split(separator: ".")
        guard parts.count == 3, parts[0] == "in", let section = Int64(parts[1]) else { return nil }
        return Audience(section: section, principal: String(parts[2]))
    }
}
