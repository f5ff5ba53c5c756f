/// Converts a user's input for a slash command to the options of an interaction, checked against the command as Discord's
/// client does before it sends anything.
struct CommandOptions {
    let world: World
    let guildID: UInt64?
    /// The option that is being typed, for autocomplete.
    var focused: String?
    private(set) var resolved: [String: JSON] = [:]

    init(world: World, guildID: UInt64?, focused: String? = nil) {
        self.world = world
        self.guildID = guildID
        self.focused = focused
    }

    /// - Parameters:
    ///   - definition: the command, or a subcommand within it.
    ///   - path: names of the remaining subcommands.
    ///   - input: `{"name": value}`, nested for subcommands, or a list of `{"name", "value"|"options"}`.
    mutating func build(_ definition: JSON, path: ArraySlice<String>, input: JSON) throws(Refusal) -> [JSON] {
        let options = definition["options"]?.arrayValue ?? []
        let values = Self.values(input)
        let subcommands = options.filter { ($0["type"]?.intValue ?? 3) <= 2 }
        if !subcommands.isEmpty {
            let named = path.first ?? values.first?.key
            guard let named, let chosen = subcommands.first(where: { $0["name"]?.stringValue == named }) else {
                let names = subcommands.compactMap { $0["name"]?.stringValue }.joined(separator: ", ")
                throw .script(400, "A subcommand is needed: one of \(names).")
            }
            let inner = path.isEmpty ? values.first?.value ?? [:] : input
            return [
                [
                    "name": .string(named), "type": chosen["type"] ?? 1,
                    "options": .array(try build(chosen, path: path.dropFirst(), input: inner)),
                ]
            ]
        }
        guard path.isEmpty else { throw .script(400, "There is no subcommand \(path.first ?? "").") }
        for value in values where !options.contains(where: { $0["name"]?.stringValue == value.key }) {
            throw .script(400, "There is no option \(value.key).")
        }
        var built: [JSON] = []
        for option in options {
            let name = option["name"]?.stringValue ?? ""
            guard let value = values.last(where: { $0.key == name })?.value, !value.isNull else {
                if option["required"]?.boolValue == true, focused == nil {
                    throw .script(400, "The option \(name) is required.")
                }
                continue
            }
            var entry: JSON = ["name": .string(name), "type": option["type"] ?? 3]
            if focused == name {
                entry["value"] = .string(value.stringValue ?? value.text)
                entry["focused"] = true
            } else {
                entry["value"] = try check(value, option, name)
            }
            built.append(entry)
        }
        return built
    }

    private static func values(_ input: JSON) -> [JSON.Member] {
        if let list = input.arrayValue {
            return list.compactMap { entry in
                entry["name"]?.stringValue.map {
                    JSON.Member(key: $0, value: entry["value"] ?? entry["options"] ?? .null)
                }
            }
        }
        return input.members
    }

    private mutating func check(_ value: JSON, _ option: JSON, _ name: String) throws(Refusal) -> JSON {
        let checked: JSON
        switch option["type"]?.intValue {
        case 3:
            let text = value.stringValue ?? value.text
            let count = text.unicodeScalars.count
            guard count >= option["min_length"]?.intValue ?? 0, count <= option["max_length"]?.intValue ?? 6000 else {
                throw .script(400, "The option \(name) has the wrong length.")
            }
            checked = .string(text)
        case 4:
            guard let number = value.intValue ?? value.stringValue.flatMap({ Int($0) }) else {
                throw .script(400, "The option \(name) must be a whole number.")
            }
            checked = .int(number)
        case 5:
            guard let flag = value.boolValue ?? ["true": true, "false": false][value.stringValue ?? ""] else {
                throw .script(400, "The option \(name) must be true or false.")
            }
            checked = .bool(flag)
        case 10:
            guard let number = value.doubleValue ?? value.stringValue.flatMap({ Double($0) }), number.isFinite else {
                throw .script(400, "The option \(name) must be a number.")
            }
            checked = .number(number)
        default:
            guard let id = value.snowflake, resolve(id, type: option["type"]?.intValue ?? 9) else {
                throw .script(400, "The option \(name) must be the id of an existing object.")
            }
            return .id(id)
        }
        if let number = checked.doubleValue {
            guard number >= option["min_value"]?.doubleValue ?? -.infinity,
                number <= option["max_value"]?.doubleValue ?? .infinity
            else { throw .script(400, "The option \(name) is out of range.") }
        }
        if let choices = option["choices"]?.arrayValue, !choices.isEmpty,
            !choices.contains(where: { $0["value"] == checked })
        {
            throw .script(400, "The option \(name) must be one of its choices.")
        }
        return checked
    }

    private mutating func add(_ kind: String, _ id: UInt64, _ json: JSON) {
        resolved[kind] = (resolved[kind] ?? [:]).adding([String(id): json])
    }

    /// Adds the object with an id to the interaction's `resolved`; returns whether there is one.
    mutating func resolve(_ id: UInt64, type: Int) -> Bool {
        let guild = guildID.flatMap { world.guilds[$0] }
        if type == 6 || type == 9, world.users[id] != nil {
            add("users", id, world.userJSON(id))
            if let member = guild?.members[id], let guildID {
                add(
                    "members", id,
                    world.partialJSON(member).adding(["permissions": world.permissions(of: id, in: guildID).json]))
            }
            return true
        }
        if type == 7, let channel = guild?.channels[id] {
            add("channels", id, world.json(channel))
            return true
        }
        if type == 8 || type == 9, let role = guild?.roles[id] {
            add("roles", id, world.json(role))
            return true
        }
        return false
    }

    var resolvedJSON: JSON? {
        resolved.isEmpty
            ? nil : .object(resolved.sorted { $0.key < $1.key }.map { JSON.Member(key: $0.key, value: $0.value) })
    }
}

extension Refusal {
    /// An error in a script's request; not one of Discord's.
    static func script(_ status: Int, _ message: String) -> Refusal { Refusal(status, 0, message) }
}
