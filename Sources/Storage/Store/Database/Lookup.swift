/// Statements together with what their rows mean, so that several questions are asked in one round trip. Making one throws
/// nothing: what an answer or a transformation throws is thrown by `look(up:)`.
package struct Lookup<Answer>: Sendable {
    package let statements: [Statement]
    let answer: @Sendable ([[Row]]) throws -> Answer

    /// - Parameter answer: receives the rows of each statement.
    package init(_ statements: [Statement], answer: @escaping @Sendable ([[Row]]) throws -> Answer) {
        self.statements = statements
        self.answer = answer
    }

    /// The same question with another form of the answer.
    package func map<Other>(_ transform: @escaping @Sendable (Answer) throws -> Other) -> Lookup<Other> {
        Lookup<Other>(statements) { [answer] in try transform(try answer($0)) }
    }

    /// Both questions at once.
    package func and<Other>(_ other: Lookup<Other>) -> Lookup<(Answer, Other)> {
        let count = statements.count
        return Lookup<(Answer, Other)>(statements + other.statements) { [answer] results in
            (try answer(Array(results.prefix(count))), try other.answer(Array(results.dropFirst(count))))
        }
    }
}

extension Reading {
    /// Asks everything that `lookup` asks, at once.
    ///
    /// - Throws: what the database and the lookup's answer throw.
    package func look<Answer>(up lookup: Lookup<Answer>) async throws -> Answer {
        try lookup.answer(lookup.statements.isEmpty ? [] : try await query(lookup.statements))
    }
}
