extension World {
    func json(_ user: User) -> JSON {
        var json: JSON = [
            "id": .id(user.id), "username": .string(user.username), "discriminator": user.isBot ? "0001" : "0",
            "global_name": .text(user.globalName), "avatar": nil, "banner": nil, "accent_color": nil,
            "avatar_decoration_data": nil, "collectibles": nil, "primary_guild": nil, "clan": nil,
            "public_flags": 0, "flags": 0,
        ]
        if user.isBot { json["bot"] = true }
        return json
    }

    func userJSON(_ id: UInt64) -> JSON {
        json(users[id] ?? User(id: id, username: "deleted_user_\(id % 10000)"))
    }

    /// The user as `/users/@me` returns it.
    func ownJSON(_ user: User, email: Bool = false) -> JSON {
        let own: JSON = [
            "mfa_enabled": false, "locale": "en-US", "premium_type": 0, "verified": true, "bio": "",
            "email": email ? .string("\(user.username)@example.com") : nil,
        ]
        return json(user).adding(own)
    }

    /// A member with its user.
    func json(_ member: Member) -> JSON { partialJSON(member).adding(["user": userJSON(member.userID)]) }

    /// A member without its user, as in messages.
    func partialJSON(_ member: Member) -> JSON {
        [
            "nick": .text(member.nick), "avatar": nil, "banner": nil, "roles": .ids(member.roles),
            "joined_at": .string(Timestamp.format(member.joinedAt)), "premium_since": nil,
            "deaf": .bool(member.isDeaf), "mute": .bool(member.isMute), "flags": 0, "pending": false,
            "communication_disabled_until": .text(member.timedOutUntil.map(Timestamp.format)),
            "avatar_decoration_data": nil, "collectibles": nil, "unusual_dm_activity_until": nil,
        ]
    }

    func json(_ application: Application) -> JSON {
        let owner = userJSON(application.ownerID)
        let installs = guilds(of: application.id).count
        let installParameters: JSON = [
            "scopes": ["applications.commands", "bot"], "permissions": Permissions.bot.json,
        ]
        return [
            "id": .id(application.id), "name": .string(application.name), "icon": nil,
            "description": .string(application.description), "summary": "", "type": nil, "is_monetized": false,
            "is_verified": false, "is_discoverable": false, "hook": true,
            "bot": userJSON(application.id), "bot_public": true, "bot_require_code_grant": false,
            "terms_of_service_url": nil, "privacy_policy_url": nil, "owner": owner, "team": nil, "rpc_origins": [],
            "verify_key": .string(String(repeating: "0", count: 48) + Self.hex(application.id)),
            "flags": .int(1 << 13 | 1 << 15 | 1 << 19),
            "approximate_guild_count": .int(installs), "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "redirect_uris": .array((application.redirectURIs ?? []).map { .string($0) }),
            "interactions_endpoint_url": nil, "role_connections_verification_url": nil, "event_webhooks_url": nil,
            "event_webhooks_status": 1, "event_webhooks_types": [], "tags": [], "install_params": installParameters,
            "integration_types_config": ["0": ["oauth2_install_params": installParameters]],
            "custom_install_url": nil, "cover_image": nil, "guild_id": nil, "primary_sku_id": nil, "slug": nil,
        ]
    }

    /// The short form inside OAuth2 answers.
    func partialJSON(_ application: Application) -> JSON {
        [
            "id": .id(application.id), "name": .string(application.name), "icon": nil,
            "description": .string(application.description), "hook": true, "bot_public": true,
            "bot_require_code_grant": false,
            "verify_key": .string(String(repeating: "0", count: 48) + Self.hex(application.id)),
        ]
    }

    static func hex(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
