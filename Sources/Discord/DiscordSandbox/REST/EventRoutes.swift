/// A guild's scheduled events.
enum EventRoutes {
    static let all: [Route] = [
        Route("GET", "/guilds/:guild/scheduled-events", limit: 10) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            let counts = call.query("with_user_count") == "true"
            return .ok(
                .array(
                    guild.scheduledEvents.values.sorted { $0.id < $1.id }
                        .map { state.world.json($0, withCount: counts) }))
        },
        Route("POST", "/guilds/:guild/scheduled-events", limit: 5, per: .seconds(60)) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            try state.world.require(.createEvents, of: call.bot, in: guild.id)
            guard guild.scheduledEvents.count < 100 else {
                throw Refusal(400, 30038, "Maximum number of guild scheduled events reached (100)")
            }
            let form = call.form
            let kind = form.choice("entity_type", [1, 2, 3], required: true) ?? 3
            _ = form.choice("privacy_level", [2], required: true)
            var event = ScheduledEvent(
                id: state.world.nextID(), guildID: guild.id, creatorID: call.bot,
                name: form.string("name", 1...100, required: true) ?? "",
                start: form.timestamp("scheduled_start_time", required: true) ?? 0, entityType: kind)
            read(form, into: &event, guild: guild)
            if event.start <= state.now, form.json["scheduled_start_time"] != nil {
                form.fail(
                    "scheduled_start_time", "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", "Cannot schedule event in the past.")
            }
            try form.report.check()
            state.world.save(event)
            return .ok(state.world.json(event))
        },
        Route("GET", "/guilds/:guild/scheduled-events/:event", limit: 10) { state, call throws(Refusal) in
            .ok(state.world.json(try event(state, call), withCount: call.query("with_user_count") == "true"))
        },
        Route("PATCH", "/guilds/:guild/scheduled-events/:event", limit: 5) { state, call throws(Refusal) in
            var event = try event(state, call)
            try requireRight(state, call, event)
            let form = call.form
            if form.has("name") { event.name = form.string("name", 1...100, required: true) ?? "" }
            if form.has("scheduled_start_time") {
                event.start = form.timestamp("scheduled_start_time", required: true) ?? 0
            }
            if let kind = form.choice("entity_type", [1, 2, 3]) { event.entityType = kind }
            if let status = form.choice("status", [1, 2, 3, 4]), status != event.status {
                // 1 → 2 or 4, 2 → 3; 3 and 4 are final.
                guard [[1, 2], [1, 4], [2, 3]].contains([event.status, status]) else {
                    throw Refusal(400, 180_000, "Cannot update a finished event")
                }
                event.status = status
            }
            if let guild = state.world.guilds[event.guildID] { read(form, into: &event, guild: guild) }
            try form.report.check()
            state.world.save(event)
            return .ok(state.world.json(event))
        },
        Route("DELETE", "/guilds/:guild/scheduled-events/:event", limit: 5) { state, call throws(Refusal) in
            let event = try event(state, call)
            try requireRight(state, call, event)
            state.world.deleteScheduledEvent(event)
            return .noContent
        },
    ]

    private static func event(_ state: Realm.State, _ call: Call) throws(Refusal) -> ScheduledEvent {
        guard let event = try state.guild(call).scheduledEvents[try call.id("event")] else {
            throw .unknown(.scheduledEvent)
        }
        return event
    }

    /// The bot's own events need CREATE_EVENTS, others MANAGE_EVENTS.
    private static func requireRight(
        _ state: Realm.State, _ call: Call, _ event: ScheduledEvent
    ) throws(Refusal) {
        let held = state.world.permissions(of: call.bot, in: event.guildID)
        guard held.contains(.manageEvents) || event.creatorID == call.bot && held.contains(.createEvents) else {
            throw .missingPermissions
        }
    }

    private static func read(_ form: Form, into event: inout ScheduledEvent, guild: Guild) {
        if form.has("description") { event.description = form.string("description", 0...1000) }
        if form.has("scheduled_end_time") { event.end = form.timestamp("scheduled_end_time") }
        if form.has("channel_id") { event.channelID = form.snowflake("channel_id") }
        if let metadata = form.object("entity_metadata") { event.location = metadata.string("location", 1...100) }
        if event.entityType == 3 {
            if event.location == nil { form.fail("entity_metadata", "BASE_TYPE_REQUIRED", "This field is required") }
            if event.end == nil { form.fail("scheduled_end_time", "BASE_TYPE_REQUIRED", "This field is required") }
            event.channelID = nil
        } else {
            event.location = nil
            let kind: Channel.Kind = event.entityType == 1 ? .stage : .voice
            if event.channelID.flatMap({ guild.channels[$0]?.kind }) != kind {
                form.fail("channel_id", "BASE_TYPE_REQUIRED", "This field is required")
            }
        }
        if let end = event.end, end <= event.start {
            form.fail(
                "scheduled_end_time", "GUILD_SCHEDULED_EVENT_ENTITY_TYPE_INVALID",
                "Cannot schedule event to end before its start.")
        }
    }
}
