import Core

extension OpenAPI {
    private static let snowflake: JSONValue = [
        "type": "string", "pattern": "^[1-9][0-9]{0,18}$", "description": "Discord's number of something.",
    ]
    private static let text: JSONValue = ["type": "string"]
    private static let flag: JSONValue = ["type": "boolean"]
    private static let time: JSONValue = ["type": "string", "format": "date-time"]
    private static let count: JSONValue = ["type": "integer"]
    private static let address: JSONValue = ["type": ["string", "null"], "format": "uri"]

    static let schemas: JSONValue = [
        "Error": object(["error": object(["code": text, "message": text, "fields": fields], optional: ["fields"])]),
        "User": object([
            "id": snowflake, "username": text, "display_name": text, "avatar_url": address,
        ]),
        "Guild": object([
            "id": snowflake, "name": text, "icon_url": address, "is_owner": flag, "can_manage": flag,
            "bot_installed": flag,
        ]),
        "Channel": object(["id": snowflake, "name": text, "type": count]),
        "Role": object([
            "id": snowflake, "name": text, "color": count, "position": count, "is_managed": flag,
        ]),
        "Participant": object([
            "user_id": snowflake, "display_name": text, "joined_at": time,
            "state": ["type": "string", "enum": ["confirmed", "waiting"]],
        ]),
        "Game": object([
            "id": ["type": "string", "format": "uuid"], "guild_id": snowflake, "channel_id": snowflake,
            "message_id": ["type": ["string", "null"]], "title": text, "description": text, "where": text,
            "scheduled_at": time, "duration_minutes": count, "max_players": count, "signup_method": signupMethod,
            "status": status, "host": object(["id": snowflake, "name": text]),
            "participants": [
                "type": "array", "items": schema("Participant"),
                "description": "In the order of joining: the first max_players have a seat.",
            ], "version": count,
        ]),
        "NewGame": object(
            submitted, optional: optional.subtracting(["guild_id", "channel_id", "title", "scheduled_at"])),
        "GameChange": object(submitted + ["version": count], optional: optional),
    ]

    private static let fields: JSONValue = [
        "type": "array", "items": object(["field": text, "message": text]),
        "description": "Every fault of the submission, where fields are concerned.",
    ]

    static let status: JSONValue = [
        "type": "string", "enum": ["scheduled", "in_progress", "completed", "cancelled"],
    ]
    private static let signupMethod: JSONValue = ["type": "string", "enum": ["self_signup"]]

    private static let submitted: [String: JSONValue] = [
        "guild_id": snowflake, "channel_id": snowflake,
        "title": ["type": "string", "minLength": 1, "maxLength": 200],
        "description": ["type": ["string", "null"], "maxLength": 2000],
        "where": ["type": ["string", "null"], "maxLength": 500],
        "scheduled_at": time + ["description": "In the future, within two years."],
        "duration_minutes": ["type": ["integer", "null"], "minimum": 1, "maximum": 10_080, "default": 60],
        "max_players": ["type": ["integer", "null"], "minimum": 1, "maximum": 100, "default": 10],
        "signup_method": ["type": ["string", "null"], "enum": ["self_signup", nil], "default": "self_signup"],
    ]
    private static let optional = Set(submitted.keys)

    static let parameters: JSONValue = [
        "guild": ["name": "id", "in": "path", "required": true, "schema": snowflake],
        "game": ["name": "id", "in": "path", "required": true, "schema": ["type": "string", "format": "uuid"]],
        "key": [
            "name": "Idempotency-Key", "in": "header",
            "schema": ["type": "string", "pattern": "^[A-Za-z0-9._:~-]{1,128}$"],
            "description":
                "The same key with the same request answers the same for 24 hours and changes nothing again.",
        ],
        "cursor": [
            "name": "cursor", "in": "query", "schema": text,
            "description": "The id of the last event seen; browsers send it as Last-Event-ID by themselves.",
        ],
        "guild_id": ["name": "guild_id", "in": "query", "schema": snowflake],
        "channel_id": ["name": "channel_id", "in": "query", "schema": snowflake],
        "status": [
            "name": "status", "in": "query", "explode": false,
            "schema": ["type": "array", "items": status, "minItems": 1],
        ],
        "role": ["name": "role", "in": "query", "schema": ["type": "string", "enum": ["host", "participant"]]],
        "limit": [
            "name": "limit", "in": "query",
            "schema": ["type": "integer", "minimum": 1, "maximum": 100, "default": 50],
        ],
        "after": [
            "name": "after", "in": "query", "description": "`next` of the page before.",
            "schema": [
                "type": "string",
                "pattern": "^(0|-?[1-9][0-9]{0,17})_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            ],
        ],
    ]

    static let responses: JSONValue = .object(
        Dictionary(
            uniqueKeysWithValues: [
                (400, "The request can't be understood, or comes too late."), (401, "Nobody is signed in."),
                (403, "Not allowed, or sent by a page of another site."), (404, "Not there, or hidden."),
                (409, "Changed meanwhile, or over."), (413, "The body is too large."),
                (415, "The body is not declared as application/json."),
                (422, "Understood and refused; the code names the field."),
                (429, "Too many changes; see Retry-After."), (502, "Discord could not be reached."),
                (503, "Something that is needed is away; see Retry-After."),
            ].map { (String($0.0), json($0.1, schema("Error"))) }))
}

private func + (left: [String: JSONValue], right: [String: JSONValue]) -> [String: JSONValue] {
    left.merging(right) { $1 }
}
