extension World {
    private func intent(of message: Message, in guild: Intents, direct: Intents) -> Intents {
        message.guildID == nil ? direct : guild
    }

    private func audience(of channel: Channel) -> Dispatch.Audience {
        if let guildID = channel.guildID { return .channel(channel.id, guild: guildID) }
        return .application(channel.recipients.first ?? 0, guild: nil)
    }

    /// Adds a message to its channel. The gateway sends no events about ephemeral messages.
    mutating func add(_ message: Message) {
        messages[message.channelID, default: []].append(message)
        changes.append(.message(message.id, channel: message.channelID))
        if let kept = messages[message.channelID], kept.count > limits.messagesPerChannel {
            // Those that one person sees for a moment don't push out what the channel holds, as long as there are older ones.
            messages[message.channelID]?.remove(at: kept.dropLast().firstIndex { $0.visibleTo != nil } ?? 0)
        }
        guard message.visibleTo == nil, let channel = channel(message.channelID) else { return }
        if let guildID = channel.guildID {
            guilds[guildID]?.channels[channel.id]?.lastMessageID = message.id
        } else {
            directChannels[channel.id]?.lastMessageID = message.id
        }
        emit(
            "MESSAGE_CREATE", gatewayJSON(message), to: audience(of: channel),
            intent: intent(of: message, in: .guildMessages, direct: .directMessages), subject: message.authorID)
    }

    mutating func update(_ message: Message) {
        guard let index = messages[message.channelID]?.lastIndex(where: { $0.id == message.id }) else { return }
        messages[message.channelID]?[index] = message
        changes.append(.message(message.id, channel: message.channelID))
        guard message.visibleTo == nil, let channel = channel(message.channelID) else { return }
        emit(
            "MESSAGE_UPDATE", gatewayJSON(message), to: audience(of: channel),
            intent: intent(of: message, in: .guildMessages, direct: .directMessages), subject: message.authorID)
    }

    @discardableResult
    mutating func deleteMessage(_ id: UInt64, in channelID: UInt64) -> Bool {
        guard let index = messages[channelID]?.lastIndex(where: { $0.id == id }), let channel = channel(channelID),
            let message = messages[channelID]?.remove(at: index)
        else { return false }
        changes.append(.messageDeleted(id, channel: channelID))
        guard message.visibleTo == nil else { return true }
        var data: JSON = ["id": .id(id), "channel_id": .id(channelID)]
        if let guildID = channel.guildID { data["guild_id"] = .id(guildID) }
        emit(
            "MESSAGE_DELETE", data, to: audience(of: channel),
            intent: intent(of: message, in: .guildMessages, direct: .directMessages))
        return true
    }

    /// Posts a text message by a user. The caller checks permissions.
    @discardableResult
    mutating func post(_ content: String, by userID: UInt64, in channelID: UInt64) -> Message {
        var message = Message(
            id: nextID(), channelID: channelID, guildID: channel(channelID)?.guildID, authorID: userID,
            content: content, createdAt: now)
        resolveMentions(of: &message, allowed: nil)
        add(message)
        return message
    }

    mutating func react(_ userID: UInt64, _ emoji: JSON, to messageID: UInt64, in channelID: UInt64, add: Bool) {
        guard var message = message(messageID, in: channelID), let channel = channel(channelID),
            let list = messages[channelID], let position = list.lastIndex(where: { $0.id == messageID })
        else { return }
        let index = message.reactions.firstIndex { $0.emoji["name"] == emoji["name"] && $0.emoji["id"] == emoji["id"] }
        if add {
            if let index {
                guard !message.reactions[index].users.contains(userID) else { return }
                message.reactions[index].users.append(userID)
            } else {
                message.reactions.append(Message.Reaction(emoji: emoji, users: [userID]))
            }
        } else {
            guard let index, message.reactions[index].users.contains(userID) else { return }
            message.reactions[index].users.removeAll { $0 == userID }
            if message.reactions[index].users.isEmpty { message.reactions.remove(at: index) }
        }
        messages[channelID]?[position] = message
        changes.append(.message(messageID, channel: channelID))
        var data: JSON = [
            "user_id": .id(userID), "channel_id": .id(channelID), "message_id": .id(messageID), "emoji": emoji,
            "burst": false, "type": 0,
        ]
        if let guildID = channel.guildID {
            data["guild_id"] = .id(guildID)
            if add, let member = guilds[guildID]?.members[userID] { data["member"] = json(member) }
        }
        if add { data["message_author_id"] = .id(message.authorID) }
        emit(
            add ? "MESSAGE_REACTION_ADD" : "MESSAGE_REACTION_REMOVE", data, to: audience(of: channel),
            intent: intent(of: message, in: .guildMessageReactions, direct: .directMessageReactions))
    }

    /// Fills in the users and roles that a message's content mentions, as far as `allowed_mentions` permits (`nil`: all).
    func resolveMentions(of message: inout Message, allowed: JSON?) {
        func permits(_ kind: String, _ id: UInt64) -> Bool {
            guard let allowed, allowed.isObject else { return true }
            if let parse = allowed["parse"]?.arrayValue, parse.contains(.string(kind)) { return true }
            return allowed[kind]?.arrayValue?.contains { $0.snowflake == id } ?? false
        }
        message.mentions = []
        message.mentionRoles = []
        let guild = message.guildID.flatMap { guilds[$0] }
        for id in Self.mentions("<@", in: message.content)
        where users[id] != nil && permits("users", id) && !message.mentions.contains(id) {
            message.mentions.append(id)
        }
        for id in Self.mentions("<@&", in: message.content)
        where guild?.roles[id] != nil && permits("roles", id) && !message.mentionRoles.contains(id) {
            message.mentionRoles.append(id)
        }
        let named = message.content.contains("@everyone") || message.content.contains("@here")
        let parse = allowed?["parse"]?.arrayValue
        message.mentionEveryone =
            named && (parse?.contains("everyone") ?? (allowed == nil || allowed?.isNull == true))
            && permissions(of: message.authorID, inChannel: message.channelID).contains(.mentionEveryone)
    }

    /// The identifiers in `<@1>`, `<@!1>` or `<@&1>`.
    private static func mentions(_ opening: String, in text: String) -> [UInt64] {
        var found: [UInt64] = []
        for piece in text.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
            guard let end = piece.firstIndex(of: ">") else { continue }
            var inner = piece[..<end]
            guard inner.first == "@" else { continue }
            inner = inner.dropFirst()
            if opening == "<@&" {
                guard inner.first == "&" else { continue }
                inner = inner.dropFirst()
            } else if inner.first == "!" {
                inner = inner.dropFirst()
            }
            if let id = UInt64(inner), inner.allSatisfy(\.isNumber) { found.append(id) }
        }
        return found
    }
}
