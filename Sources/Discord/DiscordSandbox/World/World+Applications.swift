import Crypto

extension World {
    /// Registers an application and its bot user. The bot's id is the application's.
    mutating func register(_ application: Application) {
        if applications[application.id] == nil { applicationOrder.append(application.id) }
        applications[application.id] = application
        users[application.id] = User(id: application.id, username: application.name, globalName: nil, isBot: true)
    }

    /// Returns the application that a bot token belongs to. An unknown token of Discord's form creates an application,
    /// installed in the first guild; for any other text the result is `nil`.
    package mutating func application(forToken token: String) -> Application? {
        if let known = applications.values.first(where: { $0.botToken == token }) { return known }
        guard let id = Self.applicationID(inToken: token) else { return nil }
        // A new token of an application replaces the old one, except for the configured application's.
        if var known = applications[id] {
            guard known.clientSecret == nil else { return nil }
            known.botToken = token
            applications[id] = known
            return known
        }
        guard users[id] == nil, guilds[id] == nil, applications.count < limits.applications else { return nil }
        let application = Application(
            id: id, name: "Bot \(id % 10000)", clientSecret: nil, redirectURIs: nil, botToken: token,
            ownerID: guilds[guildOrder[0]]?.ownerID ?? 0)
        register(application)
        _ = install(id, in: guildOrder[0], permissions: .bot)
        return application
    }

    /// The identifier that the first of a token's three parts carries in base64.
    package static func applicationID(inToken token: String) -> UInt64? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isTokenByte) }) else { return nil }
        guard let digits = Base64.decode(String(parts[0]), as: .url) else { return nil }
        guard (15...20).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || Character(Unicode.Scalar(byte)).isLetter
            || Character(Unicode.Scalar(byte)).isNumber
    }

    /// Adds an application's bot to a guild, with its managed role.
    ///
    /// - Returns: whether it was added: `false` if it was a member already.
    mutating func install(_ applicationID: UInt64, in guildID: UInt64, permissions: Permissions) -> Bool {
        guard var guild = guilds[guildID], guild.members[applicationID] == nil,
            let application = applications[applicationID]
        else { return false }
        var roles: [UInt64] = []
        if permissions != [] {
            // The new role is the lowest above @everyone; the others move up.
            for role in guild.roles.values where role.position > 0 { guild.roles[role.id]?.position += 1 }
            let id = nextID()
            guild.roles[id] = Role(
                id: id, name: application.name, permissions: permissions, position: 1, botID: applicationID)
            roles = [id]
        }
        guild.bans[applicationID] = nil
        let member = Member(userID: applicationID, roles: roles, joinedAt: now)
        guilds[guildID] = guild
        if let role = roles.first, let made = guild.roles[role] {
            emit(
                "GUILD_ROLE_CREATE", ["guild_id": .id(guildID), "role": json(made)], to: .guild(guildID),
                intent: .guilds, except: applicationID)
        }
        emit(
            "GUILD_MEMBER_ADD", json(member).adding(["guild_id": .id(guildID)]), to: .guild(guildID),
            intent: .guildMembers, except: applicationID)
        guilds[guildID]?.members[applicationID] = member
        emit("GUILD_CREATE", .null, to: .application(applicationID, guild: guildID), intent: .guilds)
        return true
    }

    /// Removes an application's bot from a guild, as kicking it does.
    mutating func uninstall(_ applicationID: UInt64, from guildID: UInt64) -> Bool {
        guard guilds[guildID]?.members[applicationID] != nil else { return false }
        removeMember(applicationID, from: guildID)
        return true
    }
}
