/// What one check of `tandem doctor` found.
struct Finding: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case good
        /// Works, with less than it could.
        case weak(advice: String)
        /// Doesn't work; the advice says what to do.
        case broken(advice: String)
    }

    let subject: String
    let fact: String
    let state: State

    static func good(_ subject: String, _ fact: String) -> Finding {
        Finding(subject: subject, fact: fact, state: .good)
    }

    static func weak(_ subject: String, _ fact: String, do advice: String) -> Finding {
        Finding(subject: subject, fact: fact, state: .weak(advice: advice))
    }

    static func broken(_ subject: String, _ fact: String, do advice: String) -> Finding {
        Finding(subject: subject, fact: fact, state: .broken(advice: advice))
    }

    var isBroken: Bool { if case .broken = state { true } else { false } }

    /// One line, with a second for the advice. The word says the state: nothing depends on colour.
    var text: String {
        switch state {
        case .good: "ok    \(subject): \(fact)"
        case .weak(let advice): "warn  \(subject): \(fact)\n      → \(advice)"
        case .broken(let advice): "FIX   \(subject): \(fact)\n      → \(advice)"
        }
    }
}
