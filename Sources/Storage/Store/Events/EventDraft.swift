/// An event as a transaction appends it.
package struct EventDraft: Sendable, Hashable {
    /// What one can subscribe to, such as `room/17`.
    package var topic: String
    /// What has happened, such as `door.opened`.
    package var kind: String
    /// A small JSON object: identifiers and facts that every reader of the topic may know.
    package var payload: String

    package init(topic: String, kind: String, payload: String) {
        self.topic = topic
        self.kind = kind
        self.payload = payload
    }
}
