/// Why a gateway connection was closed, and what to do about it. See Discord's Gateway Close Event Codes
/// (topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
package struct GatewayCloseCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Sent to resume the session afterwards: 1000 and 1001 would end it.
    package static let resuming = GatewayCloseCode(rawValue: 4900)
    /// Sent to end the session.
    package static let normal = GatewayCloseCode(rawValue: 1000)

    /// What a client does after a close.
    package enum Remedy: Hashable, Sendable {
        case resume
        case identify
        /// Trying again can't help; the sentence names what must be changed.
        case stop(String)
    }

    package var remedy: Remedy {
        switch rawValue {
        case 4004: .stop("Discord refuses the bot's token: check that it is copied whole and was not reset.")
        case 4010: .stop("Discord refuses the shard's number: check the number of shards.")
        case 4011:
            .stop("The bot is in too many guilds for its number of shards: set TANDEM_SHARDS higher, or leave it out.")
        case 4012: .stop("Discord no longer speaks this version of the gateway protocol.")
        case 4013: .stop("Discord does not know one of the intents asked for.")
        case 4014:
            .stop(
                "The application may not use an intent asked for: switch on \"Server Members Intent\" on the Bot page "
                    + "of the Discord developer portal.")
        case 1000, 4003, 4005, 4007, 4008: .identify
        default: .resume
        }
    }
}
