import Discord
import DiscordCommunity
import Guilds

extension CardKeeper {
    /// Takes from what the gateway reports what may concern games' messages.
    ///
    /// - Throws: `StoreError`.
    func received(_ delivery: GatewayDelivery) async throws {
        switch delivery {
        case .guilds(let creates):
            try await guildsAvailable(creates.compactMap { GuildID(discord: $0.guild.id) })
        case .event(let event): try await received(event)
        case .acknowledged: return
        }
    }

    private func received(_ event: GatewayEvent) async throws {
        switch event {
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
