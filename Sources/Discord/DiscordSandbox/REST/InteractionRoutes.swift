/// Answers to interactions, and follow-ups and edits by an interaction's token. The token in the path is the credential.
enum InteractionRoutes {
    private static let original = "/webhooks/:application/:token/messages/@original"
    private static let message = "/webhooks/:application/:token/messages/:message"

    static let all: [Route] =
        [
            Route("POST", "/interactions/:interaction/:token/callback", .open, limit: nil) {
                state, call throws(Refusal) in
                try callback(&state, call)
            },
            Route("POST", "/webhooks/:application/:token", .open, limit: 5) { state, call throws(Refusal) in
                let interaction = try interaction(state, call)
                let form = call.form
                let draft = MessageForm.draft(form)
                try form.report.check()
                guard !draft.isEmpty else { throw .emptyMessage }
                return .ok(state.world.json(state.world.followUp(interaction, with: draft)))
            },
        ]
        + [original, message].flatMap { path in
            [
                Route("GET", path, .open, limit: 5) { state, call throws(Refusal) in
                    let interaction = try interaction(state, call)
                    return .ok(state.world.json(try message(state, call, interaction)))
                },
                Route("PATCH", path, .open, limit: 5) { state, call throws(Refusal) in
                    let interaction = try interaction(state, call)
                    let message = try message(state, call, interaction)
                    let form = call.form
                    let draft = MessageForm.draft(form)
                    try form.report.check()
                    var preview = message
                    draft.apply(to: &preview, in: state.world)
                    guard !preview.content.isEmpty || !preview.embeds.isEmpty || !preview.components.isEmpty else {
                        throw .emptyMessage
                    }
                    return .ok(state.world.json(state.world.edit(message, of: interaction, with: draft)))
                },
                Route("DELETE", path, .open, limit: 5) { state, call throws(Refusal) in
                    let interaction = try interaction(state, call)
                    let message = try message(state, call, interaction)
                    state.world.deleteMessage(message.id, in: message.channelID)
                    state.world.markCompleted(interaction)
                    return .noContent
                },
            ]
        }

    private static func interaction(_ state: Realm.State, _ call: Call) throws(Refusal) -> Interaction {
        try state.world.interaction(token: call.parameters["token"] ?? "", of: try call.id("application"))
    }

    /// `@original`, a follow-up, or the message whose button was pressed.
    private static func message(
        _ state: Realm.State, _ call: Call, _ interaction: Interaction
    ) throws(Refusal) -> Message {
        let id = call.parameters["message"] == nil ? interaction.originalID ?? 0 : try call.id("message")
        guard id == interaction.originalID || interaction.followUpIDs.contains(id),
            let message = state.world.message(id, in: interaction.channelID)
        else { throw .unknown(.message) }
        return message
    }

    private static func callback(_ state: inout Realm.State, _ call: Call) throws(Refusal) -> Reply {
        let id = try call.id("interaction")
        let token = call.parameters["token"] ?? ""
        guard let interaction = state.world.interactions[id], interaction.token == token else {
            throw .unknown(.interaction)
        }
        let form = call.form
        let type = form.choice("type", [1, 4, 5, 6, 7, 8, 9, 10, 12], required: true)
        var draft: MessageDraft?
        var data: JSON?
        if let type, let object = form.object("data", required: type == 4 || type == 8 || type == 9) {
            switch type {
            case 4, 5, 7: draft = MessageForm.draft(object)
            case 8: data = choices(object)
            case 9:
                data = [
                    "custom_id": .string(object.string("custom_id", 1...100, required: true) ?? ""),
                    "title": .string(object.string("title", 1...45, required: true) ?? ""),
                    "components": .array(ComponentForm.modal(object)),
                ]
            default: break
            }
        }
        try form.report.check()
        if type == 4, draft?.isEmpty ?? true { throw .emptyMessage }
        let answered = try state.world.answer(id, token: token, type: type ?? 0, message: draft, data: data)
        state.changes.append([
            "type": "interaction_answered", "id": .id(id), "user_id": .id(answered.userID),
            "response": ChatEvents.response(answered, in: state.world),
        ])
        guard ["1", "true"].contains(call.query("with_response")?.lowercased()) else { return .noContent }
        return .ok(json(answered, type: type ?? 0, in: state.world))
    }

    private static func choices(_ form: Form) -> JSON {
        let choices = form.objects("choices", 0...25, required: true) ?? []
        return [
            "choices": .array(
                choices.map { choice in
                    [
                        "name": .string(choice.string("name", 1...100, required: true) ?? ""),
                        "value": choice.json["value"] ?? .null,
                    ]
                })
        ]
    }

    /// The answer to a callback with `with_response`.
    private static func json(_ interaction: Interaction, type: Int, in world: World) -> JSON {
        let message = interaction.originalID.flatMap { world.message($0, in: interaction.channelID) }
        var about: JSON = ["id": .id(interaction.id), "type": .int(interaction.kind.rawValue)]
        var resource: JSON = ["type": .int(type)]
        if let message, type != 6 {
            about["response_message_id"] = .id(message.id)
            about["response_message_loading"] = .bool(message.isLoading)
            about["response_message_ephemeral"] = .bool(message.visibleTo != nil)
            if type == 4 || type == 7 { resource["message"] = world.json(message) }
        }
        return ["interaction": about, "resource": resource]
    }
}
