/// A guild with its contents.
package struct Guild: Sendable, Equatable {
    package let id: UInt64
    package var name: String
    package var description: String?
    package var ownerID: UInt64
    package var roles: [UInt64: Role] = [:]
    package var members: [UInt64: Member] = [:]
    package var channels: [UInt64: Channel] = [:]
    package var voiceStates: [UInt64: VoiceState] = [:]
    package var bans: [UInt64: String?] = [:]
    package var scheduledEvents: [UInt64: ScheduledEvent] = [:]
    package var systemChannelID: UInt64?

    package var sortedChannels: [Channel] { channels.values.sorted { ($0.position, $0.id) < ($1.position, $1.id) } }
    package var sortedRoles: [Role] { roles.values.sorted { ($0.position, $0.id) < ($1.position, $1.id) } }
    package var sortedMembers: [Member] { members.values.sorted { $0.userID < $1.userID } }
}
