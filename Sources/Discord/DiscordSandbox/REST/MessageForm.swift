/// Reads and checks the body of a message, in every place where Discord takes one.
enum MessageForm {
    static func draft(_ form: Form) -> MessageDraft {
        var draft = MessageDraft()
        if form.has("content") { draft.content = form.isNull("content") ? "" : form.string("content", 0...2000) }
        if form.has("embeds") { draft.embeds = form.isNull("embeds") ? [] : embeds(form) }
        if draft.embeds == nil, let single = form.object("embed") { draft.embeds = [EmbedForm.embed(single)] }
        draft.flags = form.integer("flags", 0...Int(Int32.max))
        if form.has("components") {
            draft.components =
                form.isNull("components")
                ? [] : ComponentForm.components(form, isV2: (draft.flags ?? 0) & Message.componentsV2 != 0)
        }
        draft.tts = form.boolean("tts") ?? false
        if let nonce = form.json["nonce"], !nonce.isNull {
            draft.nonce = form.string("nonce", 0...25) == nil ? nil : nonce
            draft.enforcesNonce = form.boolean("enforce_nonce") ?? false
        }
        if form.has("allowed_mentions") { draft.allowedMentions = allowedMentions(form) }
        if let reference = form.object("message_reference") {
            draft.referencedID = reference.snowflake("message_id", required: true)
        }
        return draft
    }

    private static func allowedMentions(_ form: Form) -> JSON? {
        guard let mentions = form.object("allowed_mentions") else { return nil }
        let parse = mentions.json["parse"]?.arrayValue ?? []
        for (index, kind) in parse.enumerated() where !["users", "roles", "everyone"].contains(kind.stringValue) {
            form.report.add(
                mentions.path + ["parse", String(index)], "BASE_TYPE_CHOICES",
                "Value must be one of ('users', 'roles', 'everyone').")
        }
        for kind in ["users", "roles"] {
            let ids = mentions.snowflakes(kind) ?? []
            if ids.count > 100 { mentions.fail(kind, "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.") }
            if !ids.isEmpty, parse.contains(.string(kind)) {
                form.fail(
                    "allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                    "parse:[\"\(kind)\"] and \(kind): [ids...] are mutually exclusive.")
            }
        }
        return mentions.json
    }

    private static func embeds(_ form: Form) -> [JSON] {
        guard let forms = form.objects("embeds", 0...10) else { return [] }
        let embeds = forms.map(EmbedForm.embed)
        if embeds.map(EmbedForm.length).reduce(0, +) > 6000 {
            form.fail("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
        }
        return embeds
    }
}

/// Rich embeds and their limits. See Discord's Embed Limits (resources/message#embed-object-embed-limits).
enum EmbedForm {
    static func embed(_ form: Form) -> JSON {
        var embed: JSON = ["type": "rich"]
        if let title = form.string("title", 0...256), !title.isEmpty { embed["title"] = .string(title) }
        if let text = form.string("description", 0...4096), !text.isEmpty { embed["description"] = .string(text) }
        if let url = url(form, "url") { embed["url"] = .string(url) }
        if let color = form.integer("color", 0...0xFFFFFF) { embed["color"] = .int(color) }
        if let time = form.timestamp("timestamp") { embed["timestamp"] = .string(Timestamp.format(time)) }
        if let footer = form.object("footer"), let text = footer.string("text", 1...2048, required: true) {
            embed["footer"] = media(footer, ["text": .string(text)])
        }
        if let author = form.object("author"), let name = author.string("name", 1...256, required: true) {
            var json: JSON = ["name": .string(name)]
            if let url = url(author, "url") { json["url"] = .string(url) }
            embed["author"] = media(author, json)
        }
        for kind in ["image", "thumbnail", "video"] {
            guard let object = form.object(kind), let url = url(object, "url") else { continue }
            embed[kind] = [
                "url": .string(url), "proxy_url": .string(url), "width": 0, "height": 0, "content_type": "image/png",
                "placeholder_version": 1, "flags": 0,
            ]
        }
        if let fields = form.objects("fields", 0...25) {
            embed["fields"] = .array(
                fields.map { field in
                    [
                        "name": .string(field.string("name", 1...256, required: true) ?? ""),
                        "value": .string(field.string("value", 1...1024, required: true) ?? ""),
                        "inline": .bool(field.boolean("inline") ?? false),
                    ]
                })
        }
        return embed
    }

    private static func media(_ form: Form, _ json: JSON) -> JSON {
        var json = json
        if let icon = url(form, "icon_url") {
            json["icon_url"] = .string(icon)
            json["proxy_icon_url"] = .string(icon)
        }
        return json
    }

    private static func url(_ form: Form, _ key: String) -> String? {
        guard let text = form.string(key, 0...2048), !text.isEmpty else { return nil }
        guard ["http://", "https://", "attachment://"].contains(where: { text.lowercased().hasPrefix($0) }) else {
            form.fail(
                key, "URL_TYPE_INVALID_SCHEME",
                "Scheme \"\(text.prefix(20))\" is not supported. Scheme must be one of ('http', 'https').")
            return nil
        }
        return text
    }

    /// What counts towards the 6000 characters of a message's embeds.
    static func length(_ embed: JSON) -> Int {
        func count(_ value: JSON?) -> Int { value?.stringValue?.unicodeScalars.count ?? 0 }
        let fields = embed["fields"]?.arrayValue ?? []
        return count(embed["title"]) + count(embed["description"]) + count(embed["footer"]?["text"])
            + count(embed["author"]?["name"]) + fields.map { count($0["name"]) + count($0["value"]) }.reduce(0, +)
    }
}
