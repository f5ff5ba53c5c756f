import Core

extension OpenAPI {
    static let signInPaths: JSONValue = [
        "/api/v1/auth/login": [
            "get": [
                "summary": "Start signing in with Discord", "operationId": "login", "security": [],
                "parameters": [
                    [
                        "name": "return_to", "in": "query",
                        "schema": [
                            "type": "string", "default": "/",
                            // Printable ASCII, no backslash, one slash at the beginning.
                            "pattern": #"^/([!-.0-\[\]-~][!-\[\]-~]*)?$"#,
                        ],
                        "description": "Where to return to: a path on this site of at most 2000 characters.",
                    ]
                ], "responses": ["302": ["description": "Redirects to Discord."]] + errors(400, 422, 429, 503),
            ]
        ],
        "/api/v1/auth/callback": [
            "get": [
                "summary": "Complete signing in: where Discord redirects to", "operationId": "callback", "security": [],
                "parameters": [
                    ["name": "state", "in": "query", "required": true, "schema": ["type": "string"]],
                    ["name": "code", "in": "query", "schema": ["type": "string"]],
                ],
                "responses": ["302": ["description": "Redirects to where signing in was started."]]
                    + errors(400, 429, 502, 503),
            ]
        ],
        "/api/v1/auth/logout": [
            "post": [
                "summary": "Sign out. Open streams are closed", "operationId": "logout", "security": [],
                "responses": ["204": nothing] + errors(403, 503),
            ]
        ],
        "/api/v1/auth/refresh": [
            "post": [
                "summary": "Update the user's servers from Discord", "operationId": "refresh",
                "responses": ["204": nothing] + errors(401, 403, 429, 503),
            ]
        ],
        "/api/v1/auth/user": [
            "get": [
                "summary": "Get the user who is signed in, and their servers", "operationId": "user",
                "parameters": .array(conditions),
                "responses": read(
                    "The user.",
                    object(["user": schema("User"), "guilds": ["type": "array", "items": schema("Guild")]]),
                    errors(401, 503)),
            ]
        ],
    ]

    static let accountPaths: JSONValue = [
        "/api/v1/account/sessions": [
            "get": [
                "summary": "List where the user is signed in", "operationId": "sessions",
                "parameters": .array(conditions),
                "responses": read(
                    "What was used last comes first.", list("sessions", of: schema("Session")), errors(401, 503)),
            ],
            "delete": [
                "summary": "Sign out everywhere. All open streams are closed", "operationId": "signOutEverywhere",
                "responses": ["204": nothing] + errors(401, 403, 429, 503),
            ],
        ],
        "/api/v1/account/sessions/{id}": [
            "parameters": [parameter("session")],
            "delete": [
                "summary": "Sign out there. Streams of that session are closed", "operationId": "signOutThere",
                "responses": ["204": nothing] + errors(401, 403, 404, 429, 503),
            ],
        ],
        "/api/v1/account/data": [
            "get": [
                "summary": "Get everything that is kept of the user", "operationId": "personalData",
                "responses": ["200": json("As a file to be saved.", ["type": "object"])] + errors(401, 429, 503),
            ],
            "delete": [
                "summary": "Delete everything that is kept of the user, and sign them out everywhere",
                "operationId": "deletePersonalData",
                "description":
                    "Open games that the user hosts are called off, and lose their title and text, as past ones do; seats are left. What a server's bot reports of its members stays.",
                "responses": ["204": nothing] + errors(401, 403, 429, 503),
            ],
        ],
    ]

    static let guildPaths: JSONValue = [
        "/api/v1/guilds": [
            "get": [
                "summary": "List the user's servers, with or without the bot", "operationId": "guilds",
                "parameters": .array(conditions),
                "responses": read("Sorted by name.", list("guilds", of: schema("Guild")), errors(401, 503)),
            ]
        ],
        "/api/v1/guilds/{id}": [
            "parameters": [parameter("guild")],
            "get": [
                "summary": "Get one of the user's servers", "operationId": "guild",
                "parameters": .array(conditions),
                "responses": read("The server.", schema("Guild"), errors(401, 404, 503)),
            ],
        ],
        "/api/v1/guilds/{id}/channels": [
            "parameters": [parameter("guild")],
            "get": [
                "summary": "List the channels in which the user can announce a game", "operationId": "channels",
                "parameters": .array(conditions),
                "responses": read(
                    "In the order in which Discord shows them.", list("channels", of: schema("Channel")),
                    errors(401, 404, 503)),
            ],
        ],
        "/api/v1/guilds/{id}/roles": [
            "parameters": [parameter("guild")],
            "get": [
                "summary": "List the roles of a server", "operationId": "roles",
                "parameters": .array(conditions),
                "responses": read("Highest role first.", list("roles", of: schema("Role")), errors(401, 404, 503)),
            ],
        ],
    ]

    static let gamePaths: JSONValue = [
        "/api/v1/games": [
            "get": [
                "summary": "List the games in the user's servers", "operationId": "games",
                "description":
                    "Sorted by start: the earliest first if status selects only games that have not ended, otherwise the latest first.",
                "parameters": .array(
                    ["guild_id", "channel_id", "status", "role", "limit", "after"].map(parameter) + conditions),
                "responses": read(
                    "One page of the games.",
                    object([
                        "games": ["type": "array", "items": schema("Game")], "next": ["type": ["string", "null"]],
                    ]), errors(400, 401, 404, 422, 503)),
            ],
            "post": [
                "summary": "Schedule a game", "operationId": "createGame", "parameters": [parameter("key")],
                "requestBody": body(schema("NewGame")),
                "responses": ["201": json("The game.", schema("Game"))]
                    + errors(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
            ],
        ],
        "/api/v1/games/{id}": [
            "parameters": [parameter("game")],
            "get": [
                "summary": "Get a game", "operationId": "game", "parameters": .array(conditions),
                "responses": read("The game.", schema("Game"), errors(401, 404, 503)),
            ],
            "put": [
                "summary": "Change a game", "operationId": "changeGame",
                "description":
                    "Fields that are left out keep their values. The version is the one that the client has read; an edit since then is a conflict, sign-ups are not.",
                "parameters": [parameter("key")], "requestBody": body(schema("GameChange")),
                "responses": ["200": json("The game.", schema("Game"))]
                    + errors(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
            ],
            "delete": [
                "summary": "Cancel a game", "operationId": "cancelGame", "parameters": [parameter("key")],
                "responses": ["204": nothing] + errors(400, 401, 403, 404, 409, 413, 422, 429, 503),
            ],
        ],
        "/api/v1/games/{id}/join": [
            "parameters": [parameter("game")],
            "post": [
                "summary": "Sign up for a game", "operationId": "joinGame",
                "description": "If the user has already signed up, returns the existing participant.",
                "parameters": [parameter("key")],
                "responses": ["200": json("The participant.", schema("Participant"))]
                    + errors(400, 401, 403, 404, 413, 422, 429, 503),
            ],
        ],
        "/api/v1/games/{id}/leave": [
            "parameters": [parameter("game")],
            "post": [
                "summary": "Leave a game", "operationId": "leaveGame",
                "description": "Does nothing if the user has not signed up.",
                "parameters": [parameter("key")],
                "responses": ["204": nothing] + errors(400, 401, 403, 404, 413, 422, 429, 503),
            ],
        ],
    ]

    private static let stream: JSONValue = [
        "200": [
            "description": "An event stream, open until one side closes it.",
            "content": ["text/event-stream": ["schema": ["type": "string"]]],
        ],
        "101": ["description": "The same stream over a WebSocket, for clients that ask for an upgrade."],
    ]

    static let streamPaths: JSONValue = [
        "/api/v1/sse/game-updates": [
            "get": [
                "summary": "Stream the changes in all of the user's servers", "operationId": "gameUpdates",
                "parameters": [parameter("cursor")], "responses": stream + errors(400, 401, 404, 503),
            ]
        ],
        "/api/v1/stream": [
            "get": [
                "summary": "Stream the changes under the given topics, or under all that the user may see",
                "operationId": "stream",
                "parameters": [
                    [
                        "name": "topics", "in": "query", "explode": false,
                        "schema": ["type": "array", "items": ["type": "string"], "minItems": 1, "maxItems": 50],
                        "description": "Such as guild/123. If left out, all topics that the user may see.",
                    ], parameter("cursor"),
                ], "responses": stream + errors(400, 401, 404, 422, 503),
            ]
        ],
    ]
}
