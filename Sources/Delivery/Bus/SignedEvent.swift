import Store

/// An event as it travels: its fields, the log that it belongs to, and the signature.
struct SignedEvent: Codable {
    let event: Event
    let epoch: String?
    let signature: String?

    private enum Key: String, CodingKey {
        case epoch, signature
    }

    init(event: Event, epoch: String, signature: String) {
        self.event = event
        self.epoch = epoch
        self.signature = signature
    }

    init(from decoder: any Decoder) throws {
        event = try Event(from: decoder)
        let container = try decoder.container(keyedBy: Key.self)
        epoch = try container.decodeIfPresent(String.self, forKey: .epoch)
        signature = try container.decodeIfPresent(String.self, forKey: .signature)
    }

    func encode(to encoder: any Encoder) throws {
        try event.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(signature, forKey: .signature)
    }
}
