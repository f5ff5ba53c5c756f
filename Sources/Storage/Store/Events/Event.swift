/// An event that was committed.
package struct Event: Sendable, Hashable, Codable {
    /// Its place in the log: from 1, without gaps, and greater than that of its cause.
    package let number: Int64
    package let topic: String
    package let kind: String
    /// A JSON object.
    package let payload: String
    /// When it was appended, in milliseconds since 1970.
    package let time: Int64

    package init(number: Int64, topic: String, kind: String, payload: String, time: Int64) {
        self.number = number
        self.topic = topic
        self.kind = kind
        self.payload = payload
        self.time = time
    }

    package init(_ draft: EventDraft, number: Int64, time: Int64) {
        self.init(number: number, topic: draft.topic, kind: draft.kind, payload: draft.payload, time: time)
    }
}
