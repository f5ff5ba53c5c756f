/// Message components: action rows with buttons and menus, and the newer layout components behind their flag.
enum ComponentForm {
    /// The components of a message, each with its number. Custom ids must differ within a message.
    static func components(_ form: Form, isV2: Bool) -> [JSON] {
        var reader = Reader(isV2: isV2)
        guard let forms = form.objects("components", 0...(isV2 ? 40 : 5)) else { return [] }
        return forms.map { reader.top($0) }
    }

    /// The components of a modal: rows or labels with one input each.
    static func modal(_ form: Form) -> [JSON] {
        var reader = Reader(isV2: true)
        guard let forms = form.objects("components", 1...5, required: true) else { return [] }
        return forms.map { reader.modalTop($0) }
    }

    private static let menus: Set<Int> = [3, 5, 6, 7, 8]

    private struct Reader {
        let isV2: Bool
        var number = 0
        var customIDs: Set<String> = []

        mutating func start(_ form: Form, type: Int) -> JSON {
            number += 1
            return ["type": .int(type), "id": .int(form.integer("id", 0...Int(Int32.max)) ?? number)]
        }

        mutating func top(_ form: Form) -> JSON {
            let allowed: Set<Int> = isV2 ? [1, 9, 10, 12, 13, 14, 17] : [1]
            guard let type = form.choice("type", allowed, required: true) else { return [:] }
            return type == 1 ? row(form) : layout(form, type)
        }

        mutating func row(_ form: Form) -> JSON {
            var json = start(form, type: 1)
            guard let children = form.objects("components", 1...5, required: true) else { return json }
            let types = children.map { $0.json["type"]?.intValue }
            if types.contains(where: { $0.map(menus.contains) ?? false }), children.count > 1 {
                form.fail(
                    "components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width"
                )
            }
            json["components"] = .array(children.map { child($0) })
            return json
        }

        mutating func child(_ form: Form) -> JSON {
            guard let type = form.choice("type", menus.union([2]), required: true) else { return [:] }
            return type == 2 ? button(form) : menu(form, type)
        }

        mutating func customID(_ form: Form) -> String? {
            guard let id = form.string("custom_id", 1...100, required: true) else { return nil }
            if !customIDs.insert(id).inserted {
                form.fail(
                    "custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
            }
            return id
        }

        mutating func button(_ form: Form) -> JSON {
            var json = start(form, type: 2)
            let style = form.choice("style", [1, 2, 3, 4, 5, 6], required: true) ?? 2
            json["style"] = .int(style)
            let label = form.string("label", 0...80)
            if let label { json["label"] = .string(label) }
            let emoji = form.object("emoji")
            if let emoji { json["emoji"] = emoji.json }
            if style == 5 {
                if let url = form.string("url", 1...512, required: true) { json["url"] = .string(url) }
                if form.json["custom_id"]?.stringValue != nil {
                    form.fail(
                        "custom_id", "BUTTON_COMPONENT_INVALID_CUSTOM_ID_AND_URL",
                        "A custom id and url cannot both be specified")
                }
            } else if style != 6 {
                if let id = customID(form) { json["custom_id"] = .string(id) }
                if form.json["url"]?.stringValue != nil {
                    form.fail("url", "BUTTON_COMPONENT_INVALID_URL", "A url cannot be specified for this style")
                }
            } else if let sku = form.snowflake("sku_id", required: true) {
                json["sku_id"] = .id(sku)
            }
            if (label ?? "").isEmpty, emoji == nil, style != 6 {
                form.report.add(
                    form.path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button must have a label or emoji")
            }
            if let disabled = form.boolean("disabled") { json["disabled"] = .bool(disabled) }
            return json
        }

        mutating func menu(_ form: Form, _ type: Int) -> JSON {
            var json = start(form, type: type)
            if let id = customID(form) { json["custom_id"] = .string(id) }
            if let text = form.string("placeholder", 0...150) { json["placeholder"] = .string(text) }
            json["min_values"] = .int(form.integer("min_values", 0...25) ?? 1)
            json["max_values"] = .int(form.integer("max_values", 1...25) ?? 1)
            if form.has("disabled"), let disabled = form.boolean("disabled") { json["disabled"] = .bool(disabled) }
            if type == 3, let options = form.objects("options", 1...25, required: true) {
                json["options"] = .array(
                    options.map { option in
                        var json: JSON = [
                            "label": .string(option.string("label", 1...100, required: true) ?? ""),
                            "value": .string(option.string("value", 1...100, required: true) ?? ""),
                        ]
                        if let text = option.string("description", 0...100) { json["description"] = .string(text) }
                        if let emoji = option.object("emoji") { json["emoji"] = emoji.json }
                        if let isDefault = option.boolean("default") { json["default"] = .bool(isDefault) }
                        return json
                    })
            } else if type == 8, let kinds = form.json["channel_types"] {
                json["channel_types"] = kinds
            }
            if let defaults = form.json["default_values"] { json["default_values"] = defaults }
            return json
        }

        mutating func layout(_ form: Form, _ type: Int) -> JSON {
            var json = start(form, type: type)
            switch type {
            case 9:
                json["components"] = .array(
                    (form.objects("components", 1...3, required: true) ?? []).map { layout($0, 10) })
                if let accessory = form.object("accessory", required: true) {
                    json["accessory"] =
                        accessory.json["type"]?.intValue == 2 ? button(accessory) : media(accessory, 11)
                }
            case 10:
                json["content"] = .string(form.string("content", 1...4000, required: true) ?? "")
            case 12:
                json["items"] = form.json["items"] ?? []
            case 13:
                json["file"] = form.json["file"] ?? .null
                json["spoiler"] = .bool(form.boolean("spoiler") ?? false)
            case 14:
                json["divider"] = .bool(form.boolean("divider") ?? true)
                json["spacing"] = .int(form.choice("spacing", [1, 2]) ?? 1)
            default:
                json["accent_color"] = .int(form.integer("accent_color", 0...0xFFFFFF))
                json["spoiler"] = .bool(form.boolean("spoiler") ?? false)
                let children = form.objects("components", 1...40, required: true) ?? []
                json["components"] = .array(
                    children.map { child in
                        guard let type = child.choice("type", [1, 9, 10, 12, 13, 14], required: true) else {
                            return [:]
                        }
                        return type == 1 ? row(child) : layout(child, type)
                    })
            }
            return json
        }

        mutating func media(_ form: Form, _ type: Int) -> JSON {
            var json = start(form, type: type)
            json["media"] = form.json["media"] ?? .null
            json["description"] = form.json["description"] ?? .null
            json["spoiler"] = .bool(form.boolean("spoiler") ?? false)
            return json
        }

        mutating func modalTop(_ form: Form) -> JSON {
            guard let type = form.choice("type", [1, 10, 18], required: true) else { return [:] }
            var json = start(form, type: type)
            if type == 10 {
                json["content"] = .string(form.string("content", 1...4000, required: true) ?? "")
            } else if type == 18 {
                json["label"] = .string(form.string("label", 1...45, required: true) ?? "")
                if let text = form.string("description", 0...100) { json["description"] = .string(text) }
                if let inner = form.object("component", required: true) { json["component"] = input(inner) }
            } else if let children = form.objects("components", 1...1, required: true) {
                json["components"] = .array(children.map { input($0) })
            }
            return json
        }

        mutating func input(_ form: Form) -> JSON {
            guard let type = form.choice("type", menus.union([4]), required: true) else { return [:] }
            guard type == 4 else { return menu(form, type) }
            var json = start(form, type: 4)
            if let id = customID(form) { json["custom_id"] = .string(id) }
            json["style"] = .int(form.choice("style", [1, 2], required: true) ?? 1)
            if let label = form.string("label", 0...45) { json["label"] = .string(label) }
            if let least = form.integer("min_length", 0...4000) { json["min_length"] = .int(least) }
            if let most = form.integer("max_length", 1...4000) { json["max_length"] = .int(most) }
            json["required"] = .bool(form.boolean("required") ?? true)
            if let value = form.string("value", 0...4000) { json["value"] = .string(value) }
            if let text = form.string("placeholder", 0...100) { json["placeholder"] = .string(text) }
            return json
        }
    }
}
