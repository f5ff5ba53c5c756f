/// A guild's scheduled event.
package struct ScheduledEvent: Sendable, Equatable {
    package let id: UInt64
    package let guildID: UInt64
    package let creatorID: UInt64
    package var channelID: UInt64?
    package var name: String
    package var description: String?
    package var start: Int64
    package var end: Int64?
    /// 1 scheduled, 2 active, 3 completed, 4 cancelled.
    package var status = 1
    /// 1 stage, 2 voice, 3 external.
    package var entityType: Int
    package var location: String?
}
