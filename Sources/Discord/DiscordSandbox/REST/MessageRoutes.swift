import Core

/// Messages of a channel, and reactions to them.
enum MessageRoutes {
    static let all: [Route] = [
        Route("GET", "/channels/:channel/messages", limit: 5) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            try state.world.require(.readMessageHistory, of: call.bot, inChannel: channel.id)
            let limit = try call.integer("limit", 1...100, default: 50)
            func query(_ name: String) -> UInt64? { call.query(name).flatMap { JSON.string($0).snowflake } }
            let visible = (state.world.messages[channel.id] ?? []).filter { $0.visibleTo == nil }
            let chosen: [Message]
            if let around = query("around") {
                let before = visible.filter { $0.id < around }.suffix(limit / 2)
                chosen = Array((before + visible.filter { $0.id >= around }).prefix(limit))
            } else if let after = query("after") {
                chosen = Array(visible.filter { $0.id > after }.prefix(limit))
            } else {
                let before = query("before") ?? .max
                chosen = Array(visible.filter { $0.id < before }.suffix(limit))
            }
            return .ok(.array(chosen.reversed().map { state.world.json($0, for: call.bot) }))
        },
        Route("GET", "/channels/:channel/messages/:message", limit: 5) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            try state.world.require(.readMessageHistory, of: call.bot, inChannel: channel.id)
            return .ok(state.world.json(try state.message(call, in: channel), for: call.bot))
        },
        Route("POST", "/channels/:channel/messages", limit: 5) { state, call throws(Refusal) in
            try create(&state, call)
        },
        Route("PATCH", "/channels/:channel/messages/:message", limit: 5) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            var message = try state.message(call, in: channel)
            let form = call.form
            let draft = MessageForm.draft(form)
            try form.report.check()
            let onlyFlags = draft.content == nil && draft.embeds == nil && draft.components == nil
            if message.authorID != call.bot {
                guard onlyFlags, draft.flags != nil else { throw .notAuthor }
                try state.world.require(.manageMessages, of: call.bot, inChannel: channel.id)
            }
            draft.apply(to: &message, in: state.world)
            guard !message.content.isEmpty || !message.embeds.isEmpty || !message.components.isEmpty else {
                throw .emptyMessage
            }
            message.editedAt = state.now
            state.world.update(message)
            return .ok(state.world.json(message, for: call.bot))
        },
        Route("DELETE", "/channels/:channel/messages/:message", limit: 5, per: .seconds(1)) {
            state, call throws(Refusal) in
            let channel = try state.channel(call)
            let message = try state.message(call, in: channel)
            if message.authorID != call.bot {
                guard channel.guildID != nil else {
                    throw Refusal(403, 50003, "Cannot execute action on a DM channel")
                }
                try state.world.require(.manageMessages, of: call.bot, inChannel: channel.id)
            }
            state.world.deleteMessage(message.id, in: channel.id)
            return .noContent
        },
        Route("POST", "/channels/:channel/messages/bulk-delete", limit: 1, per: .seconds(1)) {
            state, call throws(Refusal) in
            let channel = try state.channel(call)
            try state.world.require(.manageMessages, of: call.bot, inChannel: channel.id)
            let form = call.form
            let ids = form.snowflakes("messages") ?? []
            if !(2...100).contains(ids.count) {
                form.fail("messages", "BASE_TYPE_BAD_LENGTH", "Must be between 2 and 100 in length.")
            }
            try form.report.check()
            for id in ids { state.world.deleteMessage(id, in: channel.id) }
            return .noContent
        },
        Route(
            "PUT", "/channels/:channel/messages/:message/reactions/:emoji/@me", limit: 1, per: .milliseconds(250),
            bucket: "reactions"
        ) {
            state, call throws(Refusal) in
            let channel = try state.channel(call)
            let message = try state.message(call, in: channel)
            try state.world.require([.addReactions, .readMessageHistory], of: call.bot, inChannel: channel.id)
            state.world.react(call.bot, emoji(call), to: message.id, in: channel.id, add: true)
            return .noContent
        },
        Route(
            "DELETE", "/channels/:channel/messages/:message/reactions/:emoji/@me", limit: 1, per: .milliseconds(250),
            bucket: "reactions"
        ) {
            state, call throws(Refusal) in
            let channel = try state.channel(call)
            let message = try state.message(call, in: channel)
            state.world.react(call.bot, emoji(call), to: message.id, in: channel.id, add: false)
            return .noContent
        },
        Route("GET", "/channels/:channel/messages/:message/reactions/:emoji", limit: 5) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            let message = try state.message(call, in: channel)
            let wanted = emoji(call)
            let users = message.reactions.first { $0.emoji["name"] == wanted["name"] }?.users ?? []
            return .ok(.array(users.map { state.world.userJSON($0) }))
        },
        Route("GET", "/channels/:channel/pins", limit: 5) { state, call throws(Refusal) in
            let channel = try state.channel(call)
            let pinned = (state.world.messages[channel.id] ?? []).filter(\.isPinned).reversed()
            return .ok(.array(pinned.map { state.world.json($0, for: call.bot) }))
        },
        Route("PUT", "/channels/:channel/pins/:message", limit: 5, bucket: "pins") { state, call throws(Refusal) in
            try pin(&state, call, true)
        },
        Route("DELETE", "/channels/:channel/pins/:message", limit: 5, bucket: "pins") { state, call throws(Refusal) in
            try pin(&state, call, false)
        },
    ]

    /// How long a repeated nonce returns the first message.
    private static let nonceLifetime = Duration.seconds(300)

    private static func create(_ state: inout Realm.State, _ call: Call) throws(Refusal) -> Reply {
        let channel = try state.channel(call)
        guard channel.holdsMessages else { throw Refusal(400, 50008, "Cannot send messages in a non-text channel") }
        try state.world.require(.sendMessages, of: call.bot, inChannel: channel.id)
        if channel.kind == .direct {
            // A bot may write only to users that it shares a guild with.
            let person = channel.recipients.first { $0 != call.bot } ?? 0
            let shared = state.world.guilds(of: call.bot).contains { $0.members[person] != nil }
            guard shared else { throw .cannotMessageUser }
        }
        let form = call.form
        var draft = MessageForm.draft(form)
        try form.report.check()
        guard !draft.isEmpty else { throw .emptyMessage }
        if draft.embeds?.isEmpty == false {
            try state.world.require(.embedLinks, of: call.bot, inChannel: channel.id)
        }
        if draft.enforcesNonce, let nonce = draft.nonce {
            // A nonce that is repeated within a few minutes returns the same message.
            let earlier = state.world.messages[channel.id]?.last {
                $0.authorID == call.bot && $0.nonce?.text == nonce.text
                    && state.now - $0.createdAt < nonceLifetime.milliseconds
            }
            if let earlier { return .ok(state.world.json(earlier, for: call.bot)) }
        }
        var message = Message(
            id: state.world.nextID(), channelID: channel.id, guildID: channel.guildID, authorID: call.bot, content: "",
            createdAt: state.now)
        message.flags =
            (draft.flags ?? 0) & (Message.suppressEmbeds | Message.suppressNotifications | Message.componentsV2)
        message.tts = draft.tts
        message.nonce = draft.nonce
        if let reference = draft.referencedID {
            guard state.world.message(reference, in: channel.id) != nil else {
                throw FormReport.refusal(["message_reference"], "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            }
            message.referencedID = reference
            message.type = 19
        }
        draft.flags = nil
        draft.apply(to: &message, in: state.world)
        state.world.add(message)
        return .ok(state.world.json(message, for: call.bot))
    }

    private static func pin(_ state: inout Realm.State, _ call: Call, _ isPinned: Bool) throws(Refusal) -> Reply {
        let channel = try state.channel(call)
        try state.world.require(.manageMessages, of: call.bot, inChannel: channel.id)
        var message = try state.message(call, in: channel)
        message.isPinned = isPinned
        state.world.update(message)
        return .noContent
    }

    /// `name` or `name:id`.
    private static func emoji(_ call: Call) -> JSON {
        let parts = (call.parameters["emoji"] ?? "").split(separator: ":")
        guard parts.count > 1, let id = JSON.string(String(parts[parts.count - 1])).snowflake else {
            return ["id": nil, "name": .string(parts.first.map(String.init) ?? "")]
        }
        return ["id": .id(id), "name": .string(String(parts[0])), "animated": false]
    }
}

extension Realm.State {
    /// Returns the message that a route names. Ephemeral ones are unknown here.
    func message(_ call: Call, in channel: Channel) throws(Refusal) -> Message {
        guard let message = world.message(try call.id("message"), in: channel.id), message.visibleTo == nil else {
            throw .unknown(.message)
        }
        return message
    }
}
