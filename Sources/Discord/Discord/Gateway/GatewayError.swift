import Core

/// Why the gateway stopped for good, or refused a command.
package struct GatewayError: CodedError, Hashable {
    package let code: String
    package let message: String

    init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    static func refused(_ close: GatewayCloseCode, _ sentence: String) -> GatewayError {
        GatewayError("gateway_refused_\(close.rawValue)", sentence)
    }

    /// Whether the bot is in too many guilds for its number of shards.
    package var demandsMoreShards: Bool { code == "gateway_refused_4011" }

    package static let unauthorized = GatewayError(
        "discord_unauthorized", "Discord refuses the bot's token: check that it is copied whole and was not reset.")
    static let tooManyCommands = GatewayError(
        "gateway_queue_full", "Too many commands to the gateway are waiting; try again later.")
    static let commandTooBig = GatewayError(
        "gateway_command_too_big", "A command to the gateway may have at most 4096 bytes.")
}
