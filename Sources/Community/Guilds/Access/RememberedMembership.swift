/// A membership as a process remembers it: for as long as nothing about it changes, however long the gateway vouches for it.
struct RememberedMembership: Sendable {
    let guild: GuildID
    /// Until when it is certain by its own confirmation, in milliseconds since 1970.
    let confirmedUntil: Int64
    /// Whether it is also certain as long as the gateway vouches for the guild.
    let isReported: Bool

    init(_ guild: GuildID, _ certainty: Certainty) {
        self.guild = guild
        confirmedUntil = certainty.membershipConfirmedUntil
        isReported = certainty.rolesAreReported
    }
}
