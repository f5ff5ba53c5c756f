import Core

extension World {
    mutating func addPerson(_ name: String) -> User {
        let user = User(id: nextID(), username: name.lowercased(), globalName: name)
        users[user.id] = user
        if changes.last != .structure { changes.append(.structure) }
        return user
    }

    /// Adds a user to a guild.
    ///
    /// - Returns: whether they were added: `false` if they were a member already.
    mutating func addMember(_ userID: UInt64, to guildID: UInt64) -> Bool {
        guard guilds[guildID] != nil, guilds[guildID]?.members[userID] == nil else { return false }
        let member = Member(userID: userID, joinedAt: now)
        guilds[guildID]?.members[userID] = member
        emit(
            "GUILD_MEMBER_ADD", json(member).adding(["guild_id": .id(guildID)]), to: .guild(guildID),
            intent: .guildMembers)
        return true
    }

    /// Removes a member that leaves or is kicked, or a bot that is uninstalled.
    mutating func removeMember(_ userID: UInt64, from guildID: UInt64) {
        guard let member = guilds[guildID]?.members[userID] else { return }
        leaveVoice(userID, in: guildID)
        guilds[guildID]?.members[userID] = nil
        for role in member.roles where guilds[guildID]?.roles[role]?.botID == userID {
            removeRole(role, from: guildID)
        }
        emit(
            "GUILD_MEMBER_REMOVE", ["guild_id": .id(guildID), "user": userJSON(userID)], to: .guild(guildID),
            intent: .guildMembers)
        if applications[userID] != nil {
            for command in commands.values where command.applicationID == userID && command.guildID == guildID {
                commands[command.id] = nil
            }
            emit("GUILD_DELETE", ["id": .id(guildID)], to: .application(userID, guild: guildID), intent: .guilds)
        }
    }

    mutating func updateMember(_ userID: UInt64, in guildID: UInt64, _ change: (inout Member) -> Void) {
        guard var member = guilds[guildID]?.members[userID] else { return }
        let before = member
        change(&member)
        guard member != before else { return }
        guilds[guildID]?.members[userID] = member
        emit(
            "GUILD_MEMBER_UPDATE", json(member).adding(["guild_id": .id(guildID)]), to: .guild(guildID),
            intent: .guildMembers, subject: userID)
    }

    /// Checks that a member may be timed out: not the owner or an administrator, and for at most 28 days. See Discord's
    /// Modify Guild Member (resources/guild#modify-guild-member).
    func requireTimeout(of userID: UInt64, in guildID: UInt64, until time: Int64) throws(Refusal) {
        guard !permissions(of: userID, in: guildID).contains(.administrator) else { throw .missingPermissions }
        guard time - now <= Member.longestTimeout.milliseconds else {
            throw FormReport.refusal(
                ["communication_disabled_until"], "DATE_TIME_TYPE_MAX", "Must be within 28 days from now.")
        }
    }

    mutating func ban(_ userID: UInt64, in guildID: UInt64, reason: String?) {
        removeMember(userID, from: guildID)
        guilds[guildID]?.bans[userID] = .some(reason)
        emit(
            "GUILD_BAN_ADD", ["guild_id": .id(guildID), "user": userJSON(userID)], to: .guild(guildID),
            intent: .guildModeration)
    }

    mutating func unban(_ userID: UInt64, in guildID: UInt64) {
        guilds[guildID]?.bans.removeValue(forKey: userID)
        emit(
            "GUILD_BAN_REMOVE", ["guild_id": .id(guildID), "user": userJSON(userID)], to: .guild(guildID),
            intent: .guildModeration)
    }

    // MARK: Roles

    mutating func save(_ role: Role, in guildID: UInt64) {
        guard guilds[guildID] != nil else { return }
        let isNew = guilds[guildID]?.roles[role.id] == nil
        if isNew {
            for other in guilds[guildID]?.roles.values.map(\.id) ?? [] where other != guildID {
                guilds[guildID]?.roles[other]?.position += 1
            }
        }
        guilds[guildID]?.roles[role.id] = role
        emit(
            isNew ? "GUILD_ROLE_CREATE" : "GUILD_ROLE_UPDATE", ["guild_id": .id(guildID), "role": json(role)],
            to: .guild(guildID), intent: .guilds)
    }

    mutating func removeRole(_ roleID: UInt64, from guildID: UInt64) {
        guard guilds[guildID]?.roles.removeValue(forKey: roleID) != nil else { return }
        for member in guilds[guildID]?.members.values.map(\.userID) ?? [] {
            guilds[guildID]?.members[member]?.roles.removeAll { $0 == roleID }
        }
        for channel in guilds[guildID]?.channels.values.map(\.id) ?? [] {
            guilds[guildID]?.channels[channel]?.overwrites.removeAll { $0.id == roleID }
        }
        emit(
            "GUILD_ROLE_DELETE", ["guild_id": .id(guildID), "role_id": .id(roleID)], to: .guild(guildID),
            intent: .guilds)
    }
}
