/// Acts as users of Discord for scripts and the chat page: every endpoint under `/sandbox` that changes something.
///
/// Bodies are JSON objects; identifiers may be strings or integers.
///
/// Errors: every method throws `Refusal`, with a sentence for the script's author.
package struct Script: Sendable {
    let realm: Realm

    package init(realm: Realm) { self.realm = realm }

    // MARK: Interactions

    /// `{user_id, message_id, custom_id, values?, wait_ms?}`: presses a button or uses a menu.
    package func press(_ body: JSON) async throws(Refusal) -> JSON {
        let trigger = try realm.transaction { (state) throws(Refusal) -> World.Trigger in
            let user = try state.person(body)
            let id = try body.requiredID("message_id")
            guard let message = state.world.message(id), message.visibleTo == nil || message.visibleTo == user else {
                throw .script(404, "There is no message \(id) for this user.")
            }
            guard state.world.canSee(message.channelID, user) else {
                throw .script(403, "The user can't see the message's channel.")
            }
            guard let customID = body["custom_id"]?.stringValue else { throw .script(400, "custom_id is missing.") }
            guard let component = Self.component(customID, in: message.components) else {
                throw .script(404, "The message has no component with the custom_id \(customID).")
            }
            guard component["disabled"]?.boolValue != true else { throw .script(409, "The component is disabled.") }
            let type = component["type"]?.intValue ?? 2
            var data: JSON = [
                "id": component["id"] ?? 0, "custom_id": .string(customID), "component_type": .int(type),
            ]
            if type != 2 {
                let values = (body["values"]?.arrayValue ?? []).map { JSON.string($0.stringValue ?? $0.text) }
                data["values"] = .array(values)
                var options = CommandOptions(world: state.world, guildID: message.guildID)
                let kind = [5: 6, 6: 8, 7: 9, 8: 7][type] ?? 0
                for value in values { if let id = value.snowflake { _ = options.resolve(id, type: kind) } }
                if type != 3 { data["resolved"] = options.resolvedJSON ?? [:] }
            }
            return World.Trigger(
                applicationID: message.applicationID ?? message.authorID, kind: .component, userID: user,
                channelID: message.channelID, data: data, sourceMessageID: id)
        }
        return try await carryOut(trigger, body)
    }

    /// `{user_id, channel_id, name, options?, target_id?, application_id?, wait_ms?}`: runs a command. The name may carry
    /// subcommands, as in `game create`.
    package func command(_ body: JSON) async throws(Refusal) -> JSON {
        try await carryOut(try commandTrigger(body, kind: .command), body)
    }

    /// Like `command`, with `focused`: the name of the option being typed. Answers with the choices.
    package func autocomplete(_ body: JSON) async throws(Refusal) -> JSON {
        try await carryOut(try commandTrigger(body, kind: .autocomplete), body)
    }

    /// `{user_id, interaction_id, values: {custom_id: text}}`: sends in the form that an interaction was answered with.
    package func submit(_ body: JSON) async throws(Refusal) -> JSON {
        let trigger = try realm.transaction { (state) throws(Refusal) -> World.Trigger in
            let user = try state.person(body)
            let id = try body.requiredID("interaction_id")
            guard let interaction = state.world.interactions[id], interaction.userID == user,
                interaction.state == .answered(type: 9), let form = interaction.responseData
            else { throw .script(404, "There is no form of that interaction for this user.") }
            let data: JSON = [
                "custom_id": form["custom_id"] ?? "",
                "components": .array(
                    (form["components"]?.arrayValue ?? []).map { Self.filledIn($0, body["values"] ?? [:]) }),
            ]
            return World.Trigger(
                applicationID: interaction.applicationID, kind: .modal, userID: user,
                channelID: interaction.channelID, data: data, sourceMessageID: interaction.sourceMessageID)
        }
        return try await carryOut(trigger, body)
    }

    /// What became of an interaction so far.
    package func outcome(of id: UInt64) throws(Refusal) -> JSON {
        try realm.transaction { (state) throws(Refusal) in
            guard let interaction = state.world.interactions[id] else {
                throw .script(404, "There is no interaction \(id).")
            }
            return ChatEvents.outcome(interaction, in: state.world)
        }
    }

    private func carryOut(_ trigger: World.Trigger, _ body: JSON) async throws(Refusal) -> JSON {
        let wish = body["wait_ms"]?.intValue
        guard (0...60_000).contains(wish ?? 0) else { throw .script(400, "wait_ms must be between 0 and 60000.") }
        let interaction = try realm.begin(trigger)
        await realm.wait(for: interaction.id, atMost: Interaction.answerTime + .milliseconds(500)) {
            $0.state != .waiting
        }
        let state = realm.transaction { $0.world.interactions[interaction.id]?.state }
        // "Thinking…" is not an answer yet. After a silent acknowledgement nothing needs to follow: wait only on request.
        let timeout =
            wish.map { Duration.milliseconds($0) } ?? (state == .answered(type: 5) ? Duration.seconds(5) : .zero)
        if timeout > .zero, state == .answered(type: 5) || state == .answered(type: 6) {
            await realm.wait(for: interaction.id, atMost: timeout) { $0.isCompleted }
        }
        return try outcome(of: interaction.id)
    }

    private func commandTrigger(_ body: JSON, kind: Interaction.Kind) throws(Refusal) -> World.Trigger {
        try realm.transaction { (state) throws(Refusal) -> World.Trigger in
            let user = try state.person(body)
            let channelID = try body.requiredID("channel_id")
            guard let channel = state.world.channel(channelID), state.world.canSee(channelID, user) else {
                throw .script(404, "There is no channel \(channelID) that this user can see.")
            }
            let text = body["name"]?.stringValue ?? ""
            let path = (text.hasPrefix("/") ? String(text.dropFirst()) : text).split(separator: " ").map(String.init)
            guard let name = path.first else { throw .script(400, "name is missing.") }
            let applicationID = body["application_id"]?.snowflake
            let candidates = state.world.commands.values.filter { command in
                (command.name == name || command.name == text)
                    && (applicationID == nil || command.applicationID == applicationID)
                    && (command.guildID == nil || command.guildID == channel.guildID)
                    && state.world.canSee(channelID, command.applicationID)
            }
            // A guild's own command hides a global one of the same name.
            guard
                let command = candidates.min(by: {
                    ($0.guildID == nil ? 1 : 0, $0.id) < ($1.guildID == nil ? 1 : 0, $1.id)
                })
            else { throw .script(404, "There is no command \(name) in this channel.") }
            if let guildID = channel.guildID {
                let held = state.world.permissions(of: user, inChannel: channelID)
                guard held.contains(.useApplicationCommands) else {
                    throw .script(403, "The user may not use commands here.")
                }
                if let needed = command.json["default_member_permissions"]?.snowflake,
                    !state.world.permissions(of: user, in: guildID).isSuperset(of: Permissions(rawValue: needed))
                {
                    throw .script(403, "The user lacks the permissions that the command asks for.")
                }
            }
            let focused = kind == .autocomplete ? body["focused"]?.stringValue ?? "" : nil
            var options = CommandOptions(world: state.world, guildID: channel.guildID, focused: focused)
            var data: JSON = [
                "id": .id(command.id), "name": .string(command.name), "type": .int(command.type),
            ]
            if command.type == 1 {
                let built = try options.build(
                    command.json, path: path.dropFirst(), input: body["options"] ?? [:])
                if !built.isEmpty { data["options"] = .array(built) }
            } else {
                let target = try body.requiredID("target_id")
                data["target_id"] = .id(target)
                if command.type == 3, let message = state.world.message(target, in: channelID) {
                    data["resolved"] = ["messages": [String(target): state.world.json(message)]]
                } else if !options.resolve(target, type: 6) {
                    throw .script(404, "There is no target \(target).")
                }
            }
            if let resolved = options.resolvedJSON { data["resolved"] = resolved }
            if let guildID = command.guildID { data["guild_id"] = .id(guildID) }
            return World.Trigger(
                applicationID: command.applicationID, kind: kind, userID: user, channelID: channelID, data: data)
        }
    }

    /// Returns the component with this custom id, however deep.
    private static func component(_ customID: String, in components: [JSON]) -> JSON? {
        for component in components {
            if component["custom_id"]?.stringValue == customID { return component }
            let children =
                (component["components"]?.arrayValue ?? [])
                + [component["accessory"], component["component"]].compactMap { $0 }
            if let found = Self.component(customID, in: children) { return found }
        }
        return nil
    }

    /// A form's component with its value, reduced to the fields of a submission.
    private static func filledIn(_ component: JSON, _ values: JSON) -> JSON {
        var json: JSON = ["type": component["type"] ?? 1, "id": component["id"] ?? 0]
        if let children = component["components"]?.arrayValue {
            json["components"] = .array(children.map { filledIn($0, values) })
        }
        if let child = component["component"] { json["component"] = filledIn(child, values) }
        if let customID = component["custom_id"]?.stringValue {
            json["custom_id"] = .string(customID)
            if component["type"]?.intValue == 4 {
                json["value"] = .string(values[customID]?.stringValue ?? component["value"]?.stringValue ?? "")
            } else {
                json["values"] = values[customID] ?? []
            }
        }
        return json
    }
}

extension JSON {
    func requiredID(_ key: String) throws(Refusal) -> UInt64 {
        guard let value = self[key], !value.isNull else { throw .script(400, "\(key) is missing.") }
        guard let id = value.snowflake else { throw .script(400, "\(key) is not an id.") }
        return id
    }

    /// Returns `true` for the first of two words, `false` for the second.
    func choice(_ key: String, _ yes: String, _ no: String) throws(Refusal) -> Bool {
        switch self[key]?.stringValue {
        case yes: return true
        case no: return false
        default: throw .script(400, "\(key) must be \(yes) or \(no).")
        }
    }
}

extension Realm.State {
    /// The user that a script acts as.
    func person(_ body: JSON) throws(Refusal) -> UInt64 {
        let id = try body.requiredID("user_id")
        guard let user = world.users[id] else { throw .script(404, "There is no user \(id).") }
        guard !user.isBot else { throw .script(400, "A bot can't press buttons: choose a user that is not a bot.") }
        return id
    }

    func guild(_ body: JSON) throws(Refusal) -> Guild {
        let id = try body.requiredID("guild_id")
        guard let guild = world.guilds[id] else { throw .script(404, "There is no guild \(id).") }
        return guild
    }
}
