import Store

/// An event with its signature, as it travels: the event's fields and one more.
struct SignedEvent: Codable {
    let event: Event
    let signature: String?

    private enum Key: String, CodingKey {
        case signature
    }

    init(event: Event, signature: String) {
        self.event = event
        self.signature = signature
    }

    init(from decoder: any Decoder) throws {
        event = try Event(from: decoder)
        signature = try decoder.container(keyedBy: Key.self).decodeIfPresent(String.self, forKey: .signature)
    }

    func encode(to encoder: any Encoder) throws {
        try event.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(signature, forKey: .signature)
    }
}
