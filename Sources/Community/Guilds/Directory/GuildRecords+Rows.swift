package import Store

/// How the community's models are stored in columns.
extension GuildRecords {
    static func guild(_ row: Row) throws -> Guild {
        Guild(
            id: GuildID(try row["id", as: Int64.self]), name: try row["name", as: String.self],
            iconHash: try row["icon_hash", as: String?.self],
            ownerID: try row["owner_id", as: Int64?.self].map { UserID($0) })
    }

    /// - Throws: `StoreError` unless the row has the columns of a channel.
    package static func channel(_ row: Row) throws -> Channel {
        Channel(
            id: ChannelID(try row["id", as: Int64.self]), guildID: GuildID(try row["guild_id", as: Int64.self]),
            name: try row["name", as: String.self], type: Int(try row["type", as: Int64.self]),
            position: Int(try row["position", as: Int64.self]),
            parentID: try row["parent_id", as: Int64?.self].map { ChannelID($0) },
            overwrites: PermissionOverwrite.decoded(try row["overwrites", as: String.self]))
    }

    static func role(_ row: Row) throws -> Role {
        Role(
            id: RoleID(try row["id", as: Int64.self]), guildID: GuildID(try row["guild_id", as: Int64.self]),
            name: try row["name", as: String.self], color: Int(try row["color", as: Int64.self]),
            position: Int(try row["position", as: Int64.self]),
            permissions: GuildPermissions(stored: try row["permissions", as: Int64.self]),
            isManaged: try row["is_managed", as: Bool.self])
    }

    static func user(_ row: Row) throws -> User {
        User(
            id: UserID(try row["id", as: Int64.self]), username: try row["username", as: String.self],
            globalName: try row["global_name", as: String?.self],
            avatarHash: try row["avatar_hash", as: String?.self], isBot: try row["is_bot", as: Bool.self])
    }

    static func member(_ row: Row) throws -> Member {
        Member(
            guildID: GuildID(try row["guild_id", as: Int64.self]), user: try user(row),
            nickname: try row["nickname", as: String?.self],
            roles: Set(try row["roles", as: String.self].split(separator: " ").compactMap { RoleID($0) }),
            joinedAt: try row["joined_at", as: Int64?.self],
            timedOutUntil: try row["timed_out_until", as: Int64?.self])
    }

    static func encoded(_ roles: Set<RoleID>) -> String {
        roles.sorted().map(\.description).joined(separator: " ")
    }
}

extension GuildPermissions {
    /// The 63 bits that fit the database's integers; Discord uses the lowest 53.
    init(stored value: Int64) { self.init(rawValue: UInt64(bitPattern: value) & (.max >> 1)) }
    var stored: Int64 { Int64(rawValue & (.max >> 1)) }
}

extension PermissionOverwrite {
    /// One word for each overwrite: `r` or `m`, the number, what is allowed, what is denied.
    static func encoded(_ overwrites: [PermissionOverwrite]) -> String {
        overwrites.map { overwrite in
            switch overwrite.target {
            case .role(let id): "r\(id):\(overwrite.allow.stored):\(overwrite.deny.stored)"
            case .member(let id): "m\(id):\(overwrite.allow.stored):\(overwrite.deny.stored)"
            }
        }.joined(separator: " ")
    }

    static func decoded(_ text: String) -> [PermissionOverwrite] {
        text.split(separator: " ").compactMap { word in
            let parts = word.dropFirst().split(separator: ":")
            guard parts.count == 3, let allow = Int64(parts[1]), let deny = Int64(parts[2]) else { return nil }
            let target: Target? =
                word.first == "r" ? RoleID(parts[0]).map { .role($0) } : UserID(parts[0]).map { .member($0) }
            return target.map {
                PermissionOverwrite($0, allow: GuildPermissions(stored: allow), deny: GuildPermissions(stored: deny))
            }
        }
    }
}
