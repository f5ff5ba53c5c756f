import Core

extension OpenAPI {
    private static let snowflake: JSONValue = [
        "type": "string", "pattern": "^[1-9][0-9]{0,18}$", "description": "An ID issued by Discord (snowflake).",
    ]
    private static let host: JSONValue = snowflake + ["description": "1 if the host has had their data deleted."]
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
        "Session": object([
            "id": text, "browser": text, "signed_in_at": time, "used_at": time, "is_current": flag,
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
            "status": status, "host": object(["id": host, "name": text]),
            "participants": [
                "type": "array", "items": schema("Participant"),
                "description": "In the order of signing up: the first max_players have a seat, the others wait.",
            ], "version": count,
        ]),
        "NewGame": object(
            submitted, optional: optional.subtracting(["guild_id", "channel_id", "title", "scheduled_at"])),
        "GameChange": object(submitted + ["version": count], optional: optional),
    ]

    private static let fields: JSONValue = [
        "type": "array", "items": object(["field": text, "message": text]),
        "description": "What is wrong with which field, if the error concerns fields. Lists all faults.",
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
        "scheduled_at": time + ["description": "Must be in the future, within two years."],
        "duration_minutes": ["type": ["integer", "null"], "minimum": 1, "maximum": 10_080, "default": 60],
        "max_players": ["type": ["integer", "null"], "minimum": 1, "maximum": 100, "default": 10],
        "signup_method": ["type": ["string", "null"], "enum": ["self_signup", nil], "default": "self_signup"],
    ]
    private static let optional = Set(submitted.keys)

    static let parameters: JSONValue = [
        "guild": ["name": "id", "in": "path", "required": true, "schema": snowflake],
        "game": ["name": "id", "in": "path", "required": true, "schema": ["type": "string", "format": "uuid"]],
        "session": ["name": "id", "in": "path", "required": true, "schema": text],
        "key": [
            "name": "Idempotency-Key", "in": "header",
            "schema": ["type": "string", "pattern": "^[A-Za-z0-9._:~-]{1,128}$"],
            "description":
                "A request repeated with the same key within 24 hours is not carried out again; it gets the same response.",
        ],
        "known": [
            "name": "If-None-Match", "in": "header", "schema": text,
            "description": "The ETag of what the client has: answered 304 if it is still the same.",
        ],
        "seen": [
            "name": "Tandem-Cursor", "in": "header", "schema": text,
            "description": "The ID of the last event received on a stream: nothing older than that is answered.",
        ],
        "cursor": [
            "name": "cursor", "in": "query", "schema": text,
            "description": "The ID of the last event received. Browsers send it by themselves, as Last-Event-ID.",
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
            "name": "after", "in": "query", "description": "The value of `next` in the previous page.",
            "schema": [
                "type": "string",
                "pattern": "^(0|-?[1-9][0-9]{0,17})_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            ],
        ],
    ]

    static let responses: JSONValue = .object(
        Dictionary(
            uniqueKeysWithValues: [
                (400, "The request is malformed, or comes too late."), (401, "The user is not signed in."),
                (403, "The user may not do this, or the request comes from a page of another site."),
                (404, "It doesn't exist, or the user may not see it."),
                (409, "It has changed in the meantime or is over, or there are too many already."),
                (413, "The body is too large."),
                (415, "The Content-Type is not application/json."),
                (422, "A field has a value that is not allowed; the code names the field."),
                (429, "Too many requests; see Retry-After."), (502, "Discord could not be reached."),
                (503, "A service that is needed is unavailable; see Retry-After."),
            ].map { (String($0.0), json($0.1, schema("Error"))) }))
}

private func + (left: [String: JSONValue], right: [String: JSONValue]) -> [String: JSONValue] {
    left.merging(right) { $1 }
}
