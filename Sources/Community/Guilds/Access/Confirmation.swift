/// A membership, and until when it is certain without asking Discord, in milliseconds since 1970.
struct Confirmation: Codable, Sendable {
    let guild: GuildID
    let until: Int64
}
