/// The sandbox's objects for scripts and the chat page: Discord's objects with what a user would see besides.
enum ChatEvents {
    /// A change as `/sandbox/events` streams it.
    static func json(_ change: World.Change, in world: World) -> JSON? {
        switch change {
        case .message(let id, let channel):
            world.message(id, in: channel).map { ["type": "message", "message": message($0, in: world)] }
        case .messageDeleted(let id, let channel):
            ["type": "message_delete", "channel_id": .id(channel), "id": .id(id)]
        case .structure: ["type": "state"]
        }
    }

    /// A message with its guild and, if it is ephemeral, the user that sees it.
    static func message(_ message: Message, in world: World) -> JSON {
        world.json(message).adding(["guild_id": .id(message.guildID), "visible_to": .id(message.visibleTo)])
    }

    /// An application's answer; `null` until there is one.
    static func response(_ interaction: Interaction, in world: World) -> JSON {
        guard case .answered(let type) = interaction.state else { return .null }
        let original = interaction.originalID.flatMap { world.message($0, in: interaction.channelID) }
        return [
            "type": .int(type), "message": original.map { message($0, in: world) } ?? .null,
            "data": interaction.responseData ?? .null,
        ]
    }

    /// The state of an interaction.
    static func outcome(_ interaction: Interaction, in world: World) -> JSON {
        let status: JSON =
            switch interaction.state {
            case .waiting: "waiting"
            case .answered: "answered"
            case .timedOut: "timed_out"
            }
        let followUps = interaction.followUpIDs.compactMap { world.message($0, in: interaction.channelID) }
        return [
            "interaction_id": .id(interaction.id), "type": .int(interaction.kind.rawValue),
            "application_id": .id(interaction.applicationID), "user_id": .id(interaction.userID),
            "channel_id": .id(interaction.channelID), "guild_id": .id(interaction.guildID), "status": status,
            "elapsed_ms": interaction.answeredAt.map { .integer($0 - interaction.createdAt) } ?? .null,
            "response": response(interaction, in: world),
            "follow_ups": .array(followUps.map { message($0, in: world) }),
            "message": interaction.sourceMessageID.flatMap { world.message($0, in: interaction.channelID) }
                .map { message($0, in: world) } ?? .null,
        ]
    }
}
