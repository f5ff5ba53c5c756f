/// `/users` and `/applications/@me`.
enum UserRoutes {
    private static let people: Set<String> = ["identify", "email"]

    static let all: [Route] = [
        Route("GET", "/users/@me", .botOrUser(scopes: people), limit: 30, per: .seconds(30)) {
            state, call throws(Refusal) in
            guard case .user(let id, let scopes, _) = call.caller else {
                return .ok(state.world.users[call.bot].map { state.world.ownJSON($0) } ?? .null)
            }
            guard let user = state.world.users[id] else { throw .unknown(.user) }
            var json = state.world.ownJSON(user, email: scopes.contains("email"))
            if !scopes.contains("email") {
                json["email"] = nil
                json["verified"] = nil
            }
            json["bio"] = nil
            return .ok(json)
        },
        Route("PATCH", "/users/@me", limit: 2, per: .seconds(3600)) { state, call throws(Refusal) in
            let form = call.form
            let name = form.string("username", 2...32)
            try form.report.check()
            guard var user = state.world.users[call.bot] else { throw .unauthorized }
            if let name { user.username = name }
            state.world.users[user.id] = user
            let json = state.world.ownJSON(user)
            state.world.emit("USER_UPDATE", json, to: .application(call.bot, guild: nil))
            return .ok(json)
        },
        Route("GET", "/users/@me/guilds", .botOrUser(scopes: ["guilds"]), limit: 5, per: .seconds(5)) {
            state, call throws(Refusal) in
            let userID: UInt64
            if case .user(let id, _, _) = call.caller { userID = id } else { userID = call.bot }
            let limit = try call.integer("limit", 1...200, default: 200)
            let after = call.query("after").flatMap { JSON.string($0).snowflake } ?? 0
            let before = call.query("before").flatMap { JSON.string($0).snowflake } ?? .max
            let counts = call.query("with_counts") == "true"
            let guilds = state.world.guilds(of: userID).filter { $0.id > after && $0.id < before }.prefix(limit)
            return .ok(
                .array(
                    guilds.map { guild in
                        var json: JSON = [
                            "id": .id(guild.id), "name": .string(guild.name), "icon": nil, "banner": nil,
                            "owner": .bool(guild.ownerID == userID),
                            "permissions": state.world.permissions(of: userID, in: guild.id).json, "features": [],
                        ]
                        if counts {
                            json["approximate_member_count"] = .int(guild.members.count)
                            json["approximate_presence_count"] = .int(guild.members.count)
                        }
                        return json
                    }))
        },
        Route(
            "GET", "/users/@me/guilds/:guild/member", .user(scopes: ["guilds.members.read"]), limit: 5,
            per: .seconds(300)
        ) { state, call throws(Refusal) in
            guard case .user(let userID, _, _) = call.caller else { throw .unauthorized }
            guard let member = state.world.guilds[try call.id("guild")]?.members[userID] else { throw .unknown(.guild) }
            return .ok(state.world.json(member))
        },
        Route("DELETE", "/users/@me/guilds/:guild", limit: 5) { state, call throws(Refusal) in
            let guildID = try call.id("guild")
            guard state.world.uninstall(call.bot, from: guildID) else { throw .unknown(.guild) }
            return .noContent
        },
        Route("POST", "/users/@me/channels", limit: 10, per: .seconds(60)) { state, call throws(Refusal) in
            let form = call.form
            let recipient = form.snowflake("recipient_id", required: true)
            try form.report.check()
            guard let recipient, let user = state.world.users[recipient] else { throw .unknown(.user) }
            guard user.id != call.bot, !user.isBot else { throw .cannotMessageUser }
            let channel = state.world.directChannel(call.bot, recipient)
            return .ok(state.world.directJSON(channel, for: call.bot))
        },
        Route("GET", "/users/:user", limit: 30, per: .seconds(30)) { state, call throws(Refusal) in
            guard let user = state.world.users[try call.id("user")] else { throw .unknown(.user) }
            return .ok(state.world.json(user))
        },
        Route("GET", "/applications/@me", limit: 10) { state, call throws(Refusal) in
            guard let application = state.world.applications[call.bot] else { throw .unknown(.application) }
            return .ok(state.world.json(application))
        },
        Route("PATCH", "/applications/@me", limit: 10) { state, call throws(Refusal) in
            let form = call.form
            let description = form.string("description", 0...400)
            try form.report.check()
            if let description { state.world.applications[call.bot]?.description = description }
            guard let application = state.world.applications[call.bot] else { throw .unknown(.application) }
            return .ok(state.world.json(application))
        },
        Route("GET", "/voice/regions", limit: 10) { _, _ in
            .ok([
                [
                    "id": "rotterdam", "name": "Rotterdam", "optimal": true, "deprecated": false, "custom": false,
                    "vip": false,
                ]
            ])
        },
        Route("GET", "/sticker-packs", limit: 10) { _, _ in .ok(["sticker_packs": []]) },
    ]
}
