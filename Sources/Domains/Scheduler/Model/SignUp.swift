/// The result of signing up for a game.
package struct SignUp: Hashable, Sendable {
    package let participant: Participant
    /// The participant's position on the waiting list, from 1; `nil` for a participant who has a seat.
    package let waitingPosition: Int?
}

/// The form in which results of commands are kept: a participant's fields and one more, which older results lack. Errors:
/// reading anything else throws a `DecodingError`.
extension SignUp: Codable {
    private enum CodingKeys: String, CodingKey {
        case waitingPosition = "waiting_position"
    }

    package init(from decoder: any Decoder) throws {
        participant = try Participant(from: decoder)
        waitingPosition = try decoder.container(keyedBy: CodingKeys.self)
            .decodeIfPresent(Int.self, forKey: .waitingPosition)
    }

    package func encode(to encoder: any Encoder) throws {
        try participant.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(waitingPosition, forKey: .waitingPosition)
    }
}
