/// One gateway event, and which sessions may receive it.
package struct Dispatch: Sendable {
    /// The applications that an event is for.
    package enum Audience: Sendable, Equatable {
        /// Every application installed in the guild.
        case guild(UInt64)
        /// Every application installed in the guild that may see the channel.
        case channel(UInt64, guild: UInt64)
        /// One application; the guild decides the shard.
        case application(UInt64, guild: UInt64?)
    }

    /// The guild that it is about, if it is about one.
    package var guild: UInt64? {
        switch audience {
        case .guild(let guild), .channel(_, let guild): guild
        case .application(_, let guild): guild
        }
    }

    package let event: String
    package let data: JSON
    package let audience: Audience
    /// The intent that a session needs; empty: none.
    package let intent: Intents
    /// The user that the event is about: a bot receives its own member updates without the intent.
    package let subject: UInt64?
    /// An application that must not receive it: a bot that is being installed receives everything in GUILD_CREATE.
    package var exception: UInt64?
}
