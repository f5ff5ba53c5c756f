/// The limits on one message, in bytes unless stated otherwise.
package struct HTTPLimits: Sendable, Equatable {
    /// The request line or status line; a longer request line is answered 414.
    package var startLine = 8 * 1024
    /// All field lines together, and all trailer lines together; more is answered 431.
    package var headerBytes = 16 * 1024
    /// How many fields, and how many trailers; more is answered 431.
    package var headerCount = 100
    /// The body, decoded; more is answered 413.
    package var body = 1024 * 1024

    package init() {}

    package init(startLine: Int, headerBytes: Int, headerCount: Int, body: Int) {
        self.startLine = startLine
        self.headerBytes = headerBytes
        self.headerCount = headerCount
        self.body = body
    }
}
