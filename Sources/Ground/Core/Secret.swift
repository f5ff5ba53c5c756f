/// A value that must not reach a log, an error or a page: printing it shows that it is set, never what it is.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    package init(_ value: String) { self.value = value }

    /// The secret itself, for the one place that needs it.
    package var revealed: String { value }

    package var description: String { value.isEmpty ? "(not set)" : "(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
