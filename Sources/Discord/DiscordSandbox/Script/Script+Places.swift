/// Users, members, roles, voice, installations and messages.
///
/// Errors: every method throws `Refusal`, with a sentence for the script's author.
extension Script {
    /// `{guild_id?, names: [text]}`: creates users with these names, members of the guild if one is named.
    package func people(_ body: JSON) throws(Refusal) -> JSON {
        try realm.transaction { (state) throws(Refusal) in
            let guild = body["guild_id"] == nil ? nil : try state.guild(body)
            let names = (body["names"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard (1...1000).contains(names.count), names.count == body["names"]?.arrayValue?.count,
                names.allSatisfy({ (1...32).contains($0.unicodeScalars.count) })
            else { throw .script(400, "names must be 1 to 1000 names of 1 to 32 characters.") }
            let people = names.map { state.world.addPerson($0) }
            for person in people where guild != nil { _ = state.world.addMember(person.id, to: guild?.id ?? 0) }
            return ["users": .array(people.map { state.world.json($0) })]
        }
    }

    /// `{guild_id, user_id, action: add|remove}`.
    package func members(_ body: JSON) throws(Refusal) -> JSON {
        try realm.transaction { (state) throws(Refusal) in
            let guild = try state.guild(body)
            let id = try body.requiredID("user_id")
            guard let user = state.world.users[id] else { throw .script(404, "There is no user \(id).") }
            let isAdding = try body.choice("action", "add", "remove")
            var changed = guild.members[id] != nil
            if isAdding {
                changed =
                    user.isBot
                    ? state.world.install(id, in: guild.id, permissions: .bot)
                    : state.world.addMember(id, to: guild.id)
            } else {
                guard guild.ownerID != id else { throw .script(409, "The owner of a guild can't leave it.") }
                state.world.removeMember(id, from: guild.id)
            }
            return Self.result(body, changed, state, guild.id, id)
        }
    }

    /// `{guild_id, user_id, role_id, action: add|remove}`.
    package func roles(_ body: JSON) throws(Refusal) -> JSON {
        try realm.transaction { (state) throws(Refusal) in
            let guild = try state.guild(body)
            let id = try body.requiredID("user_id")
            guard let member = guild.members[id] else { throw .script(404, "The user is not a member of the guild.") }
            let role = try body.requiredID("role_id")
            guard guild.roles[role] != nil, role != guild.id else {
                throw .script(404, "The guild has no role \(role) to give.")
            }
            let isAdding = try body.choice("action", "add", "remove")
            state.world.updateMember(id, in: guild.id) { member in
                member.roles.removeAll { $0 == role }
                if isAdding { member.roles.append(role) }
            }
            return Self.result(body, member.roles.contains(role) != isAdding, state, guild.id, id)
        }
    }

    /// `{guild_id, user_id, seconds or null}`: times a member out, or ends their timeout.
    package func timeout(_ body: JSON) throws(Refusal) -> JSON {
        try realm.transaction { (state) throws(Refusal) in
            let guild = try state.guild(body)
            let id = try body.requiredID("user_id")
            guard let member = guild.members[id] else { throw .script(404, "The user is not a member of the guild.") }
            guard let value = body["seconds"] else { throw .script(400, "seconds is missing.") }
            let seconds = value.intValue
            guard value.isNull || (1...28 * 86_400).contains(seconds ?? 0) else {
                throw .script(400, "seconds must be null, or 1 to 2419200, which is 28 days.")
            }
            let until = seconds.map { state.world.now + Int64($0) * 1000 }
            guard seconds == nil || !state.world.permissions(of: id, in: guild.id).contains(.administrator) else {
                throw .script(409, "The owner and administrators of a guild can't be timed out.")
            }
            state.world.updateMember(id, in: guild.id) { $0.timedOutUntil = until }
            return Self.result(body, member.timedOutUntil != until, state, guild.id, id)
        }
    }

    /// `{user_id, guild_id, channel_id or null}`: joins, changes or leaves a voice channel.
    package func voice(_ body: JSON) throws(Refusal) -> JSON {
        try realm.transaction { (state) throws(Refusal) in
            let user = try state.person(body)
            let guild = try state.guild(body)
            guard guild.members[user] != nil else { throw .script(404, "The user is not a member of the guild.") }
            let before = guild.voiceStates[user]?.channelID
            guard let value = body["channel_id"] else { throw .script(400, "channel_id is missing.") }
            if value.isNull {
                state.world.leaveVoice(user, in: guild.id)
            } else {
                let id = try body.requiredID("channel_id")
                guard let channel = guild.channels[id] else { throw .script(404, "The guild has no channel \(id).") }
                do throws(Refusal) { try state.world.requireEntry(user, to: channel) } catch {
                    throw .script(error.status, "The user can't join: \(error.message).")
                }
                state.world.moveVoice(user, in: guild.id, to: id)
            }
            let after = state.world.guilds[guild.id]?.voiceStates[user]
            return [
                "user_id": .id(user), "guild_id": .id(guild.id), "channel_id": .id(after?.channelID),
                "previous_channel_id": .id(before), "changed": .bool(before != after?.channelID),
                "voice_state": after.map { state.world.json($0, in: guild) } ?? .null,
            ]
        }
    }

    /// `{guild_id, user_id?, application_id?, permissions?}`: adds an application's bot, as a user that may manage the guild.
    package func install(_ body: JSON) throws(Refusal) -> JSON {
        try changeInstall(body) { (state, guild, application) throws(Refusal) in
            let permissions = body["permissions"]?.snowflake.map { Permissions(rawValue: $0) } ?? .bot
            return state.world.install(application, in: guild, permissions: permissions)
        }
    }

    /// `{guild_id, user_id?, application_id?}`.
    package func uninstall(_ body: JSON) throws(Refusal) -> JSON {
        try changeInstall(body) { (state, guild, application) throws(Refusal) in
            state.world.uninstall(application, from: guild)
        }
    }

    private func changeInstall(
        _ body: JSON, _ change: (inout Realm.State, _ guild: UInt64, _ application: UInt64) throws(Refusal) -> Bool
    ) throws(Refusal) -> JSON {
        let own = realm.configuration.application.id
        return try realm.transaction { (state) throws(Refusal) in
            let guild = try state.guild(body)
            if body["user_id"] != nil {
                let user = try state.person(body)
                guard state.world.permissions(of: user, in: guild.id).contains(.manageGuild) else {
                    throw .script(403, "The user may not manage this guild.")
                }
            }
            let application = body["application_id"] == nil ? own : try body.requiredID("application_id")
            guard state.world.applications[application] != nil else {
                throw .script(404, "There is no application \(application).")
            }
            let changed = try change(&state, guild.id, application)
            return [
                "guild_id": .id(guild.id), "application_id": .id(application), "changed": .bool(changed),
                "installed": .bool(state.world.guilds[guild.id]?.members[application] != nil),
                "guild_ids": .ids(state.world.guilds(of: application).map(\.id)),
            ]
        }
    }

    /// `{user_id, channel_id, content}`: posts a message as a user.
    package func message(_ body: JSON) throws(Refusal) -> JSON {
        try realm.transaction { (state) throws(Refusal) in
            let user = try state.person(body)
            let channel = try body.requiredID("channel_id")
            guard let found = state.world.channel(channel), found.holdsMessages else {
                throw .script(404, "There is no channel \(channel) to write in.")
            }
            guard state.world.permissions(of: user, inChannel: channel).contains([.viewChannel, .sendMessages]) else {
                throw .script(403, "The user may not write in this channel.")
            }
            let content = body["content"]?.stringValue ?? ""
            guard !content.isEmpty, content.unicodeScalars.count <= 2000 else {
                throw .script(400, "content must have 1 to 2000 characters.")
            }
            return ["message": ChatEvents.message(state.world.post(content, by: user, in: channel), in: state.world)]
        }
    }

    /// `{message_id, user_id?}`: deletes a message, as its author or a user that may manage messages. Without a user no
    /// permission is checked.
    package func delete(_ body: JSON) throws(Refusal) -> JSON {
        try realm.transaction { (state) throws(Refusal) in
            let id = try body.requiredID("message_id")
            guard let message = state.world.message(id) else { throw .script(404, "There is no message \(id).") }
            if body["user_id"] != nil {
                let user = try state.person(body)
                let held = state.world.permissions(of: user, inChannel: message.channelID)
                guard message.authorID == user || message.visibleTo == user || held.contains(.manageMessages) else {
                    throw .script(403, "The user may not delete this message.")
                }
            }
            state.world.deleteMessage(id, in: message.channelID)
            return ["message_id": .id(id), "channel_id": .id(message.channelID), "deleted": true]
        }
    }

    private static func result(
        _ body: JSON, _ changed: Bool, _ state: Realm.State, _ guildID: UInt64, _ userID: UInt64
    ) -> JSON {
        let member = state.world.guilds[guildID]?.members[userID]
        return [
            "guild_id": .id(guildID), "user_id": .id(userID), "action": body["action"] ?? .null,
            "changed": .bool(changed), "member": member.map { state.world.json($0) } ?? .null,
        ]
    }
}
