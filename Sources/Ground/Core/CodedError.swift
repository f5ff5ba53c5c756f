/// An error with a stable code that programs can rely on and a sentence that says what to do.
///
/// The message never holds a secret and may be shown to users; anything else belongs in the log.
package protocol CodedError: Error, CustomStringConvertible {
    /// A stable identifier in snake_case, such as `game_not_found`.
    var code: String { get }
    /// One sentence that says what is wrong and what to do about it.
    var message: String { get }
    /// Whether the same request may succeed later unchanged, because the fault lies with a server or the network. False unless
    /// the error says otherwise.
    var isTemporary: Bool { get }
}

extension CodedError {
    package var isTemporary: Bool { false }
    package var description: String { "\(code): \(message)" }
}
