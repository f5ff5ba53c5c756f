/// Application commands, global and of one guild.
enum CommandRoutes {
    static let all: [Route] =
        routes("/applications/:application/commands") + routes("/applications/:application/guilds/:guild/commands")

    private static func routes(_ path: String) -> [Route] {
        [
            Route("GET", path) { state, call throws(Refusal) in
                let place = try place(state, call)
                return .ok(.array(commands(state, place).map(\.json)))
            },
            Route("POST", path) { state, call throws(Refusal) in
                let place = try place(state, call)
                let form = call.form
                let draft = CommandForm.command(form)
                try form.report.check()
                let isNew = existing(state, place, draft) == nil
                guard !isNew || commands(state, place).count < 110 else { throw tooMany }
                let command = save(draft, place, &state)
                return Reply(status: isNew ? 201 : 200, body: command.json)
            },
            Route("PUT", path) { state, call throws(Refusal) in
                let place = try place(state, call)
                let report = FormReport()
                let elements = call.body.arrayValue ?? []
                guard call.body.arrayValue != nil || call.body.isNull else {
                    throw FormReport.refusal([], "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
                }
                guard elements.count <= 110 else { throw tooMany }
                let drafts = elements.enumerated().map { index, element in
                    CommandForm.command(
                        Form(element.isObject ? element : [:], path: [String(index)], report: report))
                }
                var names: Set<String> = []
                for (index, draft) in drafts.enumerated() where !names.insert("\(draft.type) \(draft.name)").inserted {
                    report.add(
                        [String(index), "name"], "APPLICATION_COMMANDS_DUPLICATE_NAME",
                        "Application command names must be unique")
                }
                try report.check()
                let keep = Set(drafts.map { "\($0.type) \($0.name)" })
                for command in commands(state, place) where !keep.contains("\(command.type) \(command.name)") {
                    state.world.commands[command.id] = nil
                }
                let saved = drafts.map { save($0, place, &state) }
                state.changes.append(["type": "commands"])
                return .ok(.array(saved.map(\.json)))
            },
            Route("GET", path + "/:command") { state, call throws(Refusal) in
                .ok(try command(state, call).json)
            },
            Route("PATCH", path + "/:command") { state, call throws(Refusal) in
                let place = try place(state, call)
                var command = try command(state, call)
                let form = Form(command.json.adding(call.body))
                let draft = CommandForm.command(form)
                try form.report.check()
                command.name = draft.name
                command.json = json(draft, place, id: command.id, &state)
                state.world.commands[command.id] = command
                state.changes.append(["type": "commands"])
                return .ok(command.json)
            },
            Route("DELETE", path + "/:command") { state, call throws(Refusal) in
                state.world.commands[try command(state, call).id] = nil
                state.changes.append(["type": "commands"])
                return .noContent
            },
        ]
    }

    private static let tooMany = Refusal(400, 30032, "Maximum number of application commands reached (100).")

    private typealias Place = (applicationID: UInt64, guildID: UInt64?)

    private static func place(_ state: Realm.State, _ call: Call) throws(Refusal) -> Place {
        let applicationID = try call.id("application")
        guard applicationID == call.bot else {
            throw state.world.applications[applicationID] == nil
                ? .unknown(.application)
                : Refusal(403, 20012, "You are not authorized to perform this action on this application")
        }
        guard call.parameters["guild"] != nil else { return (applicationID, nil) }
        let guildID = try call.id("guild")
        guard state.world.guilds[guildID]?.members[applicationID] != nil else { throw .missingAccess }
        return (applicationID, guildID)
    }

    private static func commands(_ state: Realm.State, _ place: Place) -> [Command] {
        state.world.commands.values
            .filter { $0.applicationID == place.applicationID && $0.guildID == place.guildID }.sorted { $0.id < $1.id }
    }

    private static func command(_ state: Realm.State, _ call: Call) throws(Refusal) -> Command {
        let place = try place(state, call)
        guard let command = state.world.commands[try call.id("command")],
            command.applicationID == place.applicationID, command.guildID == place.guildID
        else { throw .unknown(.command) }
        return command
    }

    private static func existing(_ state: Realm.State, _ place: Place, _ draft: CommandForm.Draft) -> Command? {
        commands(state, place).first { $0.name == draft.name && $0.type == draft.type }
    }

    /// A command of the same name and type is replaced and keeps its id.
    private static func save(_ draft: CommandForm.Draft, _ place: Place, _ state: inout Realm.State) -> Command {
        let id = existing(state, place, draft)?.id ?? state.world.nextID()
        let command = Command(
            id: id, applicationID: place.applicationID, guildID: place.guildID, name: draft.name, type: draft.type,
            json: json(draft, place, id: id, &state))
        state.world.commands[id] = command
        state.changes.append(["type": "commands"])
        return command
    }

    private static func json(
        _ draft: CommandForm.Draft, _ place: Place, id: UInt64, _ state: inout Realm.State
    ) -> JSON {
        var json: JSON = [
            "id": .id(id), "application_id": .id(place.applicationID), "version": .id(state.world.nextID()),
        ]
        if let guildID = place.guildID { json["guild_id"] = .id(guildID) }
        return json.adding(draft.json)
    }
}

/// Reads and checks a request's command.
enum CommandForm {
    struct Draft {
        let name: String
        let type: Int
        let json: JSON
    }

    static func command(_ form: Form) -> Draft {
        let type = form.choice("type", [1, 2, 3, 4]) ?? 1
        let name = self.name(form, isChatInput: type == 1)
        let description =
            type == 1 || type == 4
            ? form.string("description", 1...100, required: true) ?? "" : form.string("description", 0...0) ?? ""
        var count = 0
        let options = self.options(form, depth: 0, count: &count)
        let permissions = form.permissions("default_member_permissions")
        var json: JSON = [
            "type": .int(type), "name": .string(name), "name_localizations": localizations(form, "name_localizations"),
            "description": .string(description),
            "description_localizations": localizations(form, "description_localizations"),
            "default_member_permissions": permissions?.json ?? .null,
            "dm_permission": .bool(form.boolean("dm_permission") ?? true), "default_permission": true,
            "nsfw": .bool(form.boolean("nsfw") ?? false),
            "integration_types": form.json["integration_types"].flatMap { $0.arrayValue == nil ? nil : $0 } ?? [0],
            "contexts": form.json["contexts"] ?? .null,
        ]
        if !options.isEmpty { json["options"] = .array(options) }
        if type == 4, let handler = form.choice("handler", [1, 2]) { json["handler"] = .int(handler) }
        return Draft(name: name, type: type, json: json)
    }

    private static func localizations(_ form: Form, _ key: String) -> JSON {
        form.object(key)?.json ?? .null
    }

    /// `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$`, in lower case where there is one.
    private static func name(_ form: Form, isChatInput: Bool) -> String {
        guard let name = form.string("name", 1...32, required: true) else { return "" }
        let fits = name.unicodeScalars.allSatisfy {
            $0 == "-" || $0 == "_" || $0 == "'" || $0.properties.isAlphabetic || $0.properties.numericType != nil
                || $0.properties.generalCategory == .nonspacingMark
        }
        if isChatInput, !fits || name != name.lowercased() {
            form.fail(
                "name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        }
        return name
    }

    private static func options(_ form: Form, depth: Int, count: inout Int) -> [JSON] {
        guard let forms = form.objects("options", 0...25) else { return [] }
        var sawOptional = false
        var names: Set<String> = []
        return forms.map { option in
            let type = option.choice("type", Set(1...11), required: true) ?? 3
            let name = self.name(option, isChatInput: true)
            if !names.insert(name).inserted {
                option.fail("name", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name already used")
            }
            var json: JSON = [
                "type": .int(type), "name": .string(name),
                "name_localizations": localizations(option, "name_localizations"),
                "description": .string(option.string("description", 1...100, required: true) ?? ""),
                "description_localizations": localizations(option, "description_localizations"),
            ]
            if type <= 2 {
                if depth > (type == 2 ? 0 : 1) {
                    option.fail(
                        "type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands can't be nested so deep")
                } else {
                    json["options"] = .array(options(option, depth: depth + 1, count: &count))
                }
                return json
            }
            let isRequired = option.boolean("required") ?? false
            if isRequired, sawOptional {
                option.fail(
                    "required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                    "Required options must be placed before non-required options")
            }
            if !isRequired { sawOptional = true }
            json["required"] = .bool(isRequired)
            if let choices = option.objects("choices", 0...25), !choices.isEmpty {
                json["choices"] = .array(
                    choices.map { choice in
                        [
                            "name": .string(choice.string("name", 1...100, required: true) ?? ""),
                            "name_localizations": localizations(choice, "name_localizations"),
                            "value": choice.json["value"] ?? .null,
                        ]
                    })
            }
            for key in ["min_value", "max_value", "min_length", "max_length", "channel_types"] {
                if let value = option.json[key], !value.isNull { json[key] = value }
            }
            if option.boolean("autocomplete") == true {
                json["autocomplete"] = true
                if json["choices"] != nil {
                    option.fail(
                        "autocomplete", "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
                        "Autocomplete can't be used together with choices")
                }
            }
            return json
        }
    }
}
