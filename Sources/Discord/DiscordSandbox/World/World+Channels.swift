extension World {
    mutating func createChannel(_ channel: Channel) {
        guard let guildID = channel.guildID else { return }
        set(channel, channel.id, of: guildID)
        emit("CHANNEL_CREATE", json(channel), to: .guild(guildID), intent: .guilds)
    }

    mutating func updateChannel(_ id: UInt64, _ change: (inout Channel) -> Void) {
        guard var channel = channel(id), let guildID = channel.guildID else { return }
        let before = channel
        change(&channel)
        guard channel != before else { return }
        set(channel, id, of: guildID)
        emit("CHANNEL_UPDATE", json(channel), to: .guild(guildID), intent: .guilds)
    }

    /// Deletes a channel with its messages. Users in a voice channel are disconnected; channels of a category stay without it.
    mutating func deleteChannel(_ id: UInt64) {
        guard let channel = channel(id), let guildID = channel.guildID, let guild = guilds[guildID] else { return }
        for state in guild.voiceStates.values where state.channelID == id { leaveVoice(state.userID, in: guildID) }
        if channel.kind == .category {
            for child in guild.sortedChannels where child.parentID == id {
                updateChannel(child.id) { $0.parentID = nil }
            }
        }
        set(nil, id, of: guildID)
        messages[id] = nil
        for event in guild.scheduledEvents.values where event.channelID == id { deleteScheduledEvent(event) }
        emit("CHANNEL_DELETE", json(channel), to: .guild(guildID), intent: .guilds)
    }

    /// Returns the direct-message channel of a bot and a user, created on first use.
    mutating func directChannel(_ botID: UInt64, _ userID: UInt64) -> Channel {
        if let known = directChannels.values.first(where: { Set($0.recipients) == [botID, userID] }) { return known }
        var channel = Channel(id: nextID(), kind: .direct, guildID: nil, name: "")
        channel.recipients = [botID, userID]
        directChannels[channel.id] = channel
        changes.append(.structure)
        return channel
    }

    // MARK: Voice

    /// Moves a member into a voice channel, or out of voice (`nil`).
    mutating func moveVoice(
        _ userID: UInt64, in guildID: UInt64, to channelID: UInt64?, mute: Bool = false, deaf: Bool = false
    ) {
        guard let channelID else { return leaveVoice(userID, in: guildID) }
        guard guilds[guildID]?.members[userID] != nil else { return }
        // A user is in one voice channel at a time, over all guilds.
        if users[userID]?.isBot != true {
            for other in guilds.values where other.id != guildID && other.voiceStates[userID] != nil {
                leaveVoice(userID, in: other.id)
            }
        }
        var state =
            guilds[guildID]?.voiceStates[userID]
            ?? VoiceState(userID: userID, channelID: channelID, sessionID: Self.hex(nextID()) + Self.hex(userID))
        let before = guilds[guildID]?.voiceStates[userID]
        state.channelID = channelID
        state.selfMute = mute
        state.selfDeaf = deaf
        guard state != before else { return }
        guilds[guildID]?.voiceStates[userID] = state
        guard let guild = guilds[guildID] else { return }
        emit(
            "VOICE_STATE_UPDATE", json(state, in: guild), to: .guild(guildID), intent: .guildVoiceStates,
            subject: userID)
    }

    mutating func leaveVoice(_ userID: UInt64, in guildID: UInt64) {
        guard let guild = guilds[guildID], let state = guild.voiceStates[userID] else { return }
        guilds[guildID]?.voiceStates[userID] = nil
        emit(
            "VOICE_STATE_UPDATE", departedJSON(state, in: guild), to: .guild(guildID), intent: .guildVoiceStates,
            subject: userID)
    }

    /// Whether a member may enter a voice channel by itself.
    func requireEntry(_ userID: UInt64, to channel: Channel) throws(Refusal) {
        guard channel.isVoice, let guildID = channel.guildID, let guild = guilds[guildID] else {
            throw .wrongChannelType
        }
        try require(.connect, of: userID, inChannel: channel.id)
        let inside = guild.voiceStates.values.count { $0.channelID == channel.id && $0.userID != userID }
        if channel.userLimit > 0, inside >= channel.userLimit,
            !permissions(of: userID, inChannel: channel.id).contains(.moveMembers)
        {
            throw Refusal(403, 30087, "The voice channel is full")
        }
    }

    // MARK: Scheduled events

    mutating func save(_ event: ScheduledEvent) {
        let isNew = guilds[event.guildID]?.scheduledEvents[event.id] == nil
        guilds[event.guildID]?.scheduledEvents[event.id] = event
        emit(
            isNew ? "GUILD_SCHEDULED_EVENT_CREATE" : "GUILD_SCHEDULED_EVENT_UPDATE", json(event),
            to: .guild(event.guildID), intent: .guildScheduledEvents)
    }

    mutating func deleteScheduledEvent(_ event: ScheduledEvent) {
        guilds[event.guildID]?.scheduledEvents[event.id] = nil
        emit("GUILD_SCHEDULED_EVENT_DELETE", json(event), to: .guild(event.guildID), intent: .guildScheduledEvents)
    }
}
