import Discord
import DiscordCommunity
import Guilds

extension CardKeeper {
    /// Takes from a gateway event what may concern games' messages.
    ///
    /// - Throws: `StoreError`.
    func received(_ event: GatewayEvent) async throws {
        switch event {
        case .guildCreate(let create):
            if let guild = GuildID(discord: create.guild.id) { try await guildAvailable(guild) }
        case .channelCreate(let channel), .channelUpdate(let channel):
            if let guild = channel.guildID.flatMap({ GuildID(discord: $0) }) { try await guildChanged(guild) }
        case .guildRoleUpdate(let change):
            if let guild = GuildID(discord: change.guildID) { try await guildChanged(guild) }
        case .guildMemberUpdate(let change) where change.member.user?.bot == true:
            // The bot itself may have been given a role.
            if let guild = GuildID(discord: change.guildID) { try await guildChanged(guild) }
        case .messageDelete(let gone):
            if let message = MessageID(discord: gone.id) { try await messagesDeleted([message]) }
        case .messageDeleteBulk(let gone):
            try await messagesDeleted(gone.ids.compactMap { MessageID(discord: $0) })
        default: return
        }
    }
}
