import Core

extension World {
    /// What starts an interaction.
    struct Trigger {
        let applicationID: UInt64
        let kind: Interaction.Kind
        let userID: UInt64
        let channelID: UInt64
        let data: JSON
        var sourceMessageID: UInt64?
    }

    /// Starts an interaction and sends it to the application's sessions.
    mutating func begin(_ trigger: Trigger, token: String) throws(Refusal) -> Interaction {
        guard let channel = channel(trigger.channelID) else { throw .unknown(.channel) }
        let interaction = Interaction(
            id: nextID(), applicationID: trigger.applicationID, token: token, kind: trigger.kind,
            userID: trigger.userID, channelID: trigger.channelID, guildID: channel.guildID, createdAt: now,
            data: trigger.data, sourceMessageID: trigger.sourceMessageID)
        interactions[interaction.id] = interaction
        interactionOrder.append(interaction.id)
        while interactionOrder.count > limits.interactions { interactions[interactionOrder.removeFirst()] = nil }
        emit(
            "INTERACTION_CREATE", json(interaction, in: channel),
            to: .application(interaction.applicationID, guild: channel.guildID))
        return interaction
    }

    /// The interaction as INTERACTION_CREATE carries it.
    private func json(_ interaction: Interaction, in channel: Channel) -> JSON {
        var place: JSON = json(channel)
        place["permissions"] = permissions(of: interaction.userID, inChannel: channel.id).json
        var json: JSON = [
            "id": .id(interaction.id), "application_id": .id(interaction.applicationID),
            "type": .int(interaction.kind.rawValue), "token": .string(interaction.token), "version": 1,
            "data": interaction.data, "channel_id": .id(channel.id), "channel": place, "locale": "en-US",
            "app_permissions": permissions(of: interaction.applicationID, inChannel: channel.id).json,
            "entitlements": [], "entitlement_sku_ids": [], "attachment_size_limit": 10_485_760,
            "context": channel.guildID == nil ? 1 : 0,
            "authorizing_integration_owners": ["0": .id(channel.guildID ?? 0)],
        ]
        if let guildID = channel.guildID, let guild = guilds[guildID], let member = guild.members[interaction.userID] {
            json["guild_id"] = .id(guildID)
            json["guild"] = ["id": .id(guildID), "locale": "en-US", "features": []]
            json["guild_locale"] = "en-US"
            json["member"] = self.json(member).adding([
                "permissions": permissions(of: interaction.userID, inChannel: channel.id).json
            ])
        } else {
            json["user"] = userJSON(interaction.userID)
        }
        if let id = interaction.sourceMessageID, let message = message(id, in: channel.id) {
            json["message"] = self.json(message)
        }
        return json
    }

    /// Times an interaction out.
    ///
    /// - Returns: whether it was still waiting for an answer.
    mutating func expire(_ id: UInt64) -> Bool {
        guard interactions[id]?.state == .waiting else { return false }
        interactions[id]?.state = .timedOut
        return true
    }

    /// Takes in the application's first answer.
    mutating func answer(
        _ id: UInt64, token: String, type: Int, message draft: MessageDraft?, data: JSON?
    ) throws(Refusal) -> Interaction {
        guard var interaction = interactions[id], interaction.token == token else { throw .unknown(.interaction) }
        switch interaction.state {
        case .answered: throw .alreadyAcknowledged
        case .timedOut: throw .unknown(.interaction)
        case .waiting:
            guard now - interaction.createdAt <= Interaction.answerTime.milliseconds else {
                interactions[id]?.state = .timedOut
                throw .unknown(.interaction)
            }
        }
        let fits: Bool =
            switch (type, interaction.kind) {
            case (4, .autocomplete), (5, .autocomplete), (9, .autocomplete), (9, .modal): false
            case (6, _), (7, _): interaction.sourceMessageID != nil && interaction.kind != .autocomplete
            case (8, _): interaction.kind == .autocomplete
            case (4, _), (5, _), (9, _): true
            default: false
            }
        guard fits else {
            throw FormReport.refusal(
                ["type"], "INTERACTION_RESPONSE_TYPE_INVALID", "Interaction response type is invalid")
        }
        switch type {
        case 4:
            interaction.originalID = respond(to: interaction, with: draft ?? MessageDraft(), loading: false).id
        case 5:
            interaction.originalID = respond(to: interaction, with: draft ?? MessageDraft(), loading: true).id
        case 6: interaction.originalID = interaction.sourceMessageID
        case 7:
            interaction.originalID = interaction.sourceMessageID
            if let source = interaction.sourceMessageID, var message = message(source, in: interaction.channelID) {
                (draft ?? MessageDraft()).apply(to: &message, in: self)
                update(message)
            }
        default: interaction.responseData = data
        }
        interaction.state = .answered(type: type)
        interaction.answeredAt = now
        interactions[id] = interaction
        return interaction
    }

    /// Returns the interaction that an application may still follow up on.
    func interaction(token: String, of applicationID: UInt64) throws(Refusal) -> Interaction {
        guard let interaction = interactions.values.first(where: { $0.token == token }),
            interaction.applicationID == applicationID
        else { throw .unknown(.webhook) }
        guard now - interaction.createdAt <= Interaction.lifetime.milliseconds else { throw .invalidWebhookToken }
        guard case .answered = interaction.state else { throw .unknown(.webhook) }
        return interaction
    }

    /// Sends a message for an interaction. The first after a deferred answer replaces it.
    mutating func followUp(_ interaction: Interaction, with draft: MessageDraft) -> Message {
        if let id = interaction.originalID, var original = message(id, in: interaction.channelID), original.isLoading {
            draft.apply(to: &original, in: self)
            original.flags &= ~Message.loading
            update(original)
            interactions[interaction.id]?.isCompleted = true
            return original
        }
        let message = respond(to: interaction, with: draft, loading: false, isFollowUp: true)
        interactions[interaction.id]?.followUpIDs.append(message.id)
        interactions[interaction.id]?.isCompleted = true
        return message
    }

    /// Edits `@original` or a follow-up.
    mutating func edit(_ message: Message, of interaction: Interaction, with draft: MessageDraft) -> Message {
        var message = message
        let wasLoading = message.isLoading
        draft.apply(to: &message, in: self)
        message.flags &= ~Message.loading
        if !wasLoading { message.editedAt = now }
        update(message)
        interactions[interaction.id]?.isCompleted = true
        return message
    }

    mutating func markCompleted(_ interaction: Interaction) { interactions[interaction.id]?.isCompleted = true }

    private mutating func respond(
        to interaction: Interaction, with draft: MessageDraft, loading: Bool, isFollowUp: Bool = false
    ) -> Message {
        var message = Message(
            id: nextID(), channelID: interaction.channelID, guildID: interaction.guildID,
            authorID: interaction.applicationID, content: "", createdAt: now)
        draft.apply(to: &message, in: self)
        message.flags = draft.flags ?? 0
        message.applicationID = interaction.applicationID
        message.isWebhook = true
        if loading { message.flags |= Message.loading }
        if message.flags & Message.ephemeral != 0 { message.visibleTo = interaction.userID }
        var metadata: JSON = [
            "id": .id(interaction.id), "type": .int(interaction.kind.rawValue), "user": userJSON(interaction.userID),
            "authorizing_integration_owners": ["0": .id(interaction.guildID ?? 0)],
        ]
        if interaction.kind == .command {
            metadata["name"] = interaction.data["name"] ?? ""
            metadata["command_type"] = interaction.data["type"] ?? 1
        }
        if isFollowUp, let original = interaction.originalID {
            metadata["original_response_message_id"] = .id(original)
            message.referencedID = original
        }
        if interaction.kind == .component, let source = interaction.sourceMessageID {
            metadata["interacted_message_id"] = .id(source)
            if !isFollowUp { message.referencedID = source }
        }
        message.type = message.referencedID != nil ? 19 : interaction.kind == .command ? 20 : 0
        message.interactionMetadata = metadata
        add(message)
        return message
    }
}
