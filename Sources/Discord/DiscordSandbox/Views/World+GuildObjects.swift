extension World {
    func json(_ role: Role) -> JSON {
        var json: JSON = [
            "id": .id(role.id), "name": .string(role.name), "description": nil, "color": .int(role.color),
            "colors": ["primary_color": .int(role.color), "secondary_color": nil, "tertiary_color": nil],
            "hoist": .bool(role.hoist), "icon": nil, "unicode_emoji": nil, "position": .int(role.position),
            "permissions": role.permissions.json, "managed": .bool(role.botID != nil),
            "mentionable": .bool(role.mentionable), "flags": 0,
        ]
        if let botID = role.botID { json["tags"] = ["bot_id": .id(botID)] }
        return json
    }

    func json(_ channel: Channel) -> JSON {
        if channel.kind == .direct { return directJSON(channel, for: channel.recipients.first ?? 0) }
        var json: JSON = [
            "id": .id(channel.id), "type": .int(channel.kind.rawValue), "guild_id": .id(channel.guildID),
            "name": .string(channel.name), "position": .int(channel.position), "flags": 0,
            "parent_id": .id(channel.parentID), "nsfw": .bool(channel.isNSFW),
            "permission_overwrites": .array(
                channel.overwrites.map {
                    [
                        "id": .id($0.id), "type": .int($0.kind.rawValue), "allow": $0.allow.json, "deny": $0.deny.json,
                    ]
                }),
        ]
        if channel.kind == .category { return json }
        json["last_message_id"] = .id(channel.lastMessageID)
        json["rate_limit_per_user"] = .int(channel.slowModeSeconds)
        json["topic"] = .text(channel.topic)
        if channel.isVoice {
            json["bitrate"] = .int(channel.bitrate)
            json["user_limit"] = .int(channel.userLimit)
            json["rtc_region"] = .text(channel.regionID)
            json["video_quality_mode"] = .int(channel.videoQuality)
        } else {
            json["last_pin_timestamp"] = .null
            json["default_auto_archive_duration"] = 1440
            json["default_thread_rate_limit_per_user"] = 0
        }
        return json
    }

    /// A direct-message channel as one of its two users sees it.
    func directJSON(_ channel: Channel, for userID: UInt64) -> JSON {
        [
            "id": .id(channel.id), "type": 1, "last_message_id": .id(channel.lastMessageID), "flags": 0,
            "recipients": .array(channel.recipients.filter { $0 != userID }.map(userJSON)),
            "last_pin_timestamp": nil,
        ]
    }

    func json(_ state: VoiceState, in guild: Guild, withGuild: Bool = true) -> JSON {
        var json = voiceJSON(state, channelID: state.channelID)
        if withGuild {
            json["guild_id"] = .id(guild.id)
            if let member = guild.members[state.userID] { json["member"] = self.json(member) }
        }
        return json
    }

    private func voiceJSON(_ state: VoiceState, channelID: UInt64?) -> JSON {
        [
            "channel_id": .id(channelID), "user_id": .id(state.userID), "session_id": .string(state.sessionID),
            "deaf": false, "mute": false, "self_deaf": .bool(state.selfDeaf), "self_mute": .bool(state.selfMute),
            "self_video": false, "suppress": false, "request_to_speak_timestamp": nil,
        ]
    }

    /// The voice state of a user that has just left.
    func departedJSON(_ state: VoiceState, in guild: Guild) -> JSON {
        var json = voiceJSON(state, channelID: nil)
        json["guild_id"] = .id(guild.id)
        if let member = guild.members[state.userID] { json["member"] = self.json(member) }
        return json
    }

    func json(_ event: ScheduledEvent, withCount: Bool = false) -> JSON {
        var json: JSON = [
            "id": .id(event.id), "guild_id": .id(event.guildID), "channel_id": .id(event.channelID),
            "creator_id": .id(event.creatorID), "name": .string(event.name), "description": .text(event.description),
            "scheduled_start_time": .string(Timestamp.format(event.start)),
            "scheduled_end_time": .text(event.end.map(Timestamp.format)), "privacy_level": 2,
            "status": .int(event.status), "entity_type": .int(event.entityType), "entity_id": nil,
            "entity_metadata": event.location.map { ["location": .string($0)] } ?? nil, "image": nil,
            "recurrence_rule": nil, "creator": userJSON(event.creatorID), "guild_scheduled_event_exceptions": [],
        ]
        if withCount { json["user_count"] = 0 }
        return json
    }

    /// A guild as REST returns it.
    func json(_ guild: Guild, withCounts: Bool = false) -> JSON {
        var json: JSON = [
            "id": .id(guild.id), "name": .string(guild.name), "icon": nil, "icon_hash": nil, "splash": nil,
            "discovery_splash": nil, "banner": nil, "description": .text(guild.description), "home_header": nil,
            "owner_id": .id(guild.ownerID), "application_id": nil, "region": "deprecated",
            "afk_channel_id": nil, "afk_timeout": 300, "widget_enabled": false, "widget_channel_id": nil,
            "verification_level": 0, "default_message_notifications": 1, "explicit_content_filter": 0,
            "mfa_level": 0, "nsfw_level": 0, "nsfw": false, "premium_tier": 0, "premium_subscription_count": 0,
            "premium_progress_bar_enabled": false, "preferred_locale": "en-US", "features": [],
            "system_channel_id": .id(guild.systemChannelID), "system_channel_flags": 0, "rules_channel_id": nil,
            "public_updates_channel_id": nil, "safety_alerts_channel_id": nil, "vanity_url_code": nil,
            "max_presences": nil, "max_members": 500_000, "max_video_channel_users": 25,
            "max_stage_video_channel_users": 50, "hub_type": nil, "latest_onboarding_question_id": nil,
            "incidents_data": nil, "inventory_settings": nil, "embed_enabled": false, "embed_channel_id": nil,
            "roles": .array(guild.sortedRoles.map { self.json($0) }), "emojis": [], "stickers": [],
        ]
        if withCounts {
            json["approximate_member_count"] = .int(guild.members.count)
            json["approximate_presence_count"] = .int(guild.members.count)
        }
        return json
    }

    /// A guild as GUILD_CREATE sends it to a bot. Without the presences intent `members` has only the bot itself and those
    /// in voice channels, as on Discord: a bot requests the others with op 8.
    func createJSON(_ guild: Guild, for userID: UInt64, intents: Intents) -> JSON {
        let members = guild.sortedMembers.filter {
            intents.contains(.guildPresences) || $0.userID == userID || guild.voiceStates[$0.userID] != nil
        }
        let more: JSON = [
            "joined_at": .string(Timestamp.format(guild.members[userID]?.joinedAt ?? now)),
            "large": .bool(guild.members.count > 250), "unavailable": false, "geo_restricted": false,
            "member_count": .int(guild.members.count),
            "voice_states": intents.contains(.guildVoiceStates)
                ? .array(
                    guild.voiceStates.values.sorted { $0.userID < $1.userID }
                        .map { json($0, in: guild, withGuild: false) }) : [],
            "members": .array(members.map { json($0) }),
            "channels": .array(
                guild.sortedChannels.map { channel in
                    var json = self.json(channel)
                    json["guild_id"] = nil
                    return json
                }),
            "threads": [],
            "presences": intents.contains(.guildPresences)
                ? .array(
                    members.map {
                        [
                            "user": ["id": .id($0.userID)], "status": "online", "activities": [],
                            "client_status": ["desktop": "online"],
                        ]
                    }) : [],
            "stage_instances": [], "soundboard_sounds": [],
            "guild_scheduled_events": .array(guild.scheduledEvents.values.sorted { $0.id < $1.id }.map { json($0) }),
        ]
        return json(guild).adding(more)
    }
}
