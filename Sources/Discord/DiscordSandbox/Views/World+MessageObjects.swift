extension World {
    /// A message as REST returns it.
    func json(_ message: Message, for viewer: UInt64? = nil) -> JSON {
        var author = userJSON(message.authorID)
        author["clan"] = nil
        var json: JSON = [
            "id": .id(message.id), "channel_id": .id(message.channelID), "author": author,
            "content": .string(message.content), "timestamp": .string(Timestamp.format(message.createdAt)),
            "edited_timestamp": .text(message.editedAt.map(Timestamp.format)), "tts": .bool(message.tts),
            "mention_everyone": .bool(message.mentionEveryone), "mentions": .array(message.mentions.map(userJSON)),
            "mention_roles": .ids(message.mentionRoles), "mention_channels": [], "attachments": [],
            "embeds": .array(message.flags & Message.suppressEmbeds != 0 ? [] : message.embeds),
            "components": .array(message.components), "pinned": .bool(message.isPinned),
            "type": .int(message.type), "flags": .int(message.flags), "sticker_items": [],
        ]
        if !message.reactions.isEmpty {
            json["reactions"] = .array(
                message.reactions.map { reaction in
                    [
                        "count": .int(reaction.users.count),
                        "count_details": ["burst": 0, "normal": .int(reaction.users.count)],
                        "me": .bool(viewer.map(reaction.users.contains) ?? false), "me_burst": false,
                        "emoji": reaction.emoji, "burst_colors": [],
                    ]
                })
        }
        if let nonce = message.nonce { json["nonce"] = nonce }
        if let id = message.applicationID { json["application_id"] = .id(id) }
        if message.isWebhook { json["webhook_id"] = .id(message.authorID) }
        if let metadata = message.interactionMetadata {
            json["interaction_metadata"] = metadata
            if let name = metadata["name"], let user = metadata["user"], let id = metadata["id"] {
                json["interaction"] = ["id": id, "type": 2, "name": name, "user": user]
            }
        }
        if let referenced = message.referencedID {
            json["message_reference"] = [
                "type": 0, "message_id": .id(referenced), "channel_id": .id(message.channelID),
                "guild_id": .id(message.guildID),
            ]
            json["referenced_message"] =
                self.message(referenced, in: message.channelID).map { original in
                    var copy = original
                    copy.referencedID = nil
                    return self.json(copy, for: viewer)
                } ?? .null
        }
        return json
    }

    /// A message as the gateway sends it: with the guild, the author's member, and the members of mentioned users.
    func gatewayJSON(_ message: Message) -> JSON {
        var json = self.json(message)
        guard let guildID = message.guildID, let guild = guilds[guildID] else { return json }
        json["guild_id"] = .id(guildID)
        if let member = guild.members[message.authorID] { json["member"] = partialJSON(member) }
        json["mentions"] = .array(
            message.mentions.map { id in
                guild.members[id].map { userJSON(id).adding(["member": partialJSON($0)]) } ?? userJSON(id)
            })
        return json
    }
}
