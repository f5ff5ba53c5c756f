extension World {
    /// Returns what a member may do in a guild, apart from channel overwrites. Other users have no permissions.
    package func permissions(of userID: UInt64, in guildID: UInt64) -> Permissions {
        guard let guild = guilds[guildID], let member = guild.members[userID] else { return [] }
        if guild.ownerID == userID { return .all }
        var permissions = guild.roles[guildID]?.permissions ?? []
        for role in member.roles { permissions.formUnion(guild.roles[role]?.permissions ?? []) }
        return permissions.contains(.administrator) ? .all : permissions
    }

    /// Returns what a member may do in one channel: the guild's permissions, then the overwrites of @everyone, of the member's
    /// roles together, and of the member, in this order. See Discord's Permission Overwrites
    /// (topics/permissions#permission-overwrites).
    package func permissions(of userID: UInt64, inChannel channelID: UInt64) -> Permissions {
        if let channel = directChannels[channelID] {
            return channel.recipients.contains(userID)
                ? [.viewChannel, .sendMessages, .embedLinks, .attachFiles, .readMessageHistory, .addReactions] : []
        }
        guard let channel = channel(channelID), let guildID = channel.guildID, let guild = guilds[guildID],
            let member = guild.members[userID]
        else { return [] }
        var permissions = permissions(of: userID, in: guildID)
        if permissions.contains(.administrator) { return .all }
        if let everyone = channel.overwrites.first(where: { $0.id == guildID }) {
            permissions.subtract(everyone.deny)
            permissions.formUnion(everyone.allow)
        }
        var allow: Permissions = []
        var deny: Permissions = []
        for overwrite in channel.overwrites where overwrite.kind == .role && member.roles.contains(overwrite.id) {
            allow.formUnion(overwrite.allow)
            deny.formUnion(overwrite.deny)
        }
        permissions.subtract(deny)
        permissions.formUnion(allow)
        if let own = channel.overwrites.first(where: { $0.kind == .member && $0.id == userID }) {
            permissions.subtract(own.deny)
            permissions.formUnion(own.allow)
        }
        // Without these, the others have no effect. See Discord's Implicit Permissions (topics/permissions).
        if !permissions.contains(.viewChannel) { return [] }
        if channel.isVoice, !permissions.contains(.connect) {
            permissions.subtract([.speak, .moveMembers, .muteMembers, .deafenMembers, .manageChannels, .manageRoles])
        }
        if !permissions.contains(.sendMessages) {
            permissions.subtract([.mentionEveryone, .attachFiles, .embedLinks])
        }
        if let until = member.timedOutUntil, until > now {
            permissions.formIntersection([.viewChannel, .readMessageHistory])
        }
        return permissions
    }

    /// Returns a member's rank: the position of their highest role; the owner's is above all.
    package func rank(of userID: UInt64, in guildID: UInt64) -> Int {
        guard let guild = guilds[guildID], let member = guild.members[userID] else { return -1 }
        if guild.ownerID == userID { return .max }
        return member.roles.compactMap { guild.roles[$0]?.position }.max() ?? 0
    }

    func canSee(_ channelID: UInt64, _ userID: UInt64) -> Bool {
        permissions(of: userID, inChannel: channelID).contains(.viewChannel)
    }

    /// - Throws: 50001 when the channel can't be seen, 50013 when one of the permissions is missing.
    func require(_ wanted: Permissions, of userID: UInt64, inChannel channelID: UInt64) throws(Refusal) {
        let held = permissions(of: userID, inChannel: channelID)
        guard held.contains(.viewChannel) else { throw .missingAccess }
        guard held.isSuperset(of: wanted) else { throw .missingPermissions }
    }

    func require(_ wanted: Permissions, of userID: UInt64, in guildID: UInt64) throws(Refusal) {
        guard guilds[guildID]?.members[userID] != nil else { throw .missingAccess }
        guard permissions(of: userID, in: guildID).isSuperset(of: wanted) else { throw .missingPermissions }
    }
}
