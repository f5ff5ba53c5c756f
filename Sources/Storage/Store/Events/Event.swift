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
    /// Drawn at random when it was appended, so that it differs from the event that has its number in a log that was set back;
    /// nil if that isn't known.
    package let tag: Int64?
    /// The tag of the event before it; nil if that isn't known.
    package let previousTag: Int64?

    private enum CodingKeys: String, CodingKey {
        case number, topic, kind, payload, time, tag
        case previousTag = "previous_tag"
    }

    package init(
        number: Int64, topic: String, kind: String, payload: String, time: Int64, tag: Int64? = nil,
        previousTag: Int64? = nil
    ) {
        self.number = number
        self.topic = topic
        self.kind = kind
        self.payload = payload
        self.time = time
        self.tag = tag
        self.previousTag = previousTag
    }

    package init(_ draft: EventDraft, number: Int64, time: Int64) {
        self.init(number: number, topic: draft.topic, kind: draft.kind, payload: draft.payload, time: time)
    }

    /// Where a reader is that has read the log up to this event.
    package var place: LogPlace { LogPlace(number: number, tag: tag) }
}
