import Core

extension OpenAPI {
    static let signInPaths: JSONValue = [
        "/api/v1/auth/login": [
            "get": [
                "summary": "Begin to sign in with Discord", "operationId": "login", "security": [],
                "parameters": [
                    [
                        "name": "return_to", "in": "query",
                        "schema": [
                            "type": "string", "default": "/",
                            // Printable ASCII, no backslash, one slash at the beginning.
                            "pattern": #"^/([!-.0-\[\]-~][!-\[\]-~]*)?$"#,
                        ],
                        "description": "A path of this site, of at most 2000 characters.",
                    ]
                ], "responses": ["302": ["description": "To Discord."]] + refusals(422, 503),
            ]
        ],
        "/api/v1/auth/callback": [
            "get": [
                "summary": "Come back from Discord", "operationId": "callback", "security": [],
                "parameters": [
                    ["name": "state", "in": "query", "required": true, "schema": ["type": "string"]],
                    ["name": "code", "in": "query", "schema": ["type": "string"]],
                ], "responses": ["302": ["description": "To where signing in began."]] + refusals(400, 502, 503),
            ]
        ],
        "/api/v1/auth/logout": [
            "post": [
                "summary": "Sign out; open streams close", "operationId": "logout", "security": [],
                "responses": ["204": nothing] + refusals(403, 503),
            ]
        ],
        "/api/v1/auth/refresh": [
            "post": [
                "summary": "Ask Discord again which servers I am in", "operationId": "refresh",
                "responses": ["204": nothing] + refusals(401, 403, 429, 503),
            ]
        ],
        "/api/v1/auth/user": [
            "get": [
                "summary": "Who I am, and my servers", "operationId": "user",
                "responses": [
                    "200": json(
                        "Who is signed in.",
                        object(["user": schema("User"), "guilds": ["type": "array", "items": schema("Guild")]]))
                ] + refusals(401, 503),
            ]
        ],
    ]

    static let guildPaths: JSONValue = [
        "/api/v1/guilds": [
            "get": [
                "summary": "My servers, with or without the bot", "operationId": "guilds",
                "responses": ["200": json("By name.", list("guilds", of: schema("Guild")))] + refusals(401, 503),
            ]
        ],
        "/api/v1/guilds/{id}": [
            "parameters": [parameter("guild")],
            "get": [
                "summary": "One of my servers", "operationId": "guild",
                "responses": ["200": json("The server.", schema("Guild"))] + refusals(401, 404, 503),
            ],
        ],
        "/api/v1/guilds/{id}/channels": [
            "parameters": [parameter("guild")],
            "get": [
                "summary": "Channels in which I can announce a game", "operationId": "channels",
                "responses": [
                    "200": json("In Discord's order.", list("channels", of: schema("Channel")))
                ] + refusals(401, 404, 503),
            ],
        ],
        "/api/v1/guilds/{id}/roles": [
            "parameters": [parameter("guild")],
            "get": [
                "summary": "The roles of a server", "operationId": "roles",
                "responses": ["200": json("The highest first.", list("roles", of: schema("Role")))]
                    + refusals(401, 404, 503),
            ],
        ],
    ]

    static let gamePaths: JSONValue = [
        "/api/v1/games": [
            "get": [
                "summary": "Games of my servers", "operationId": "games",
                "description":
                    "By the time at which they start: the soonest first where status asks only for games that are yet to end, else the latest first.",
                "parameters": .array(
                    ["guild_id", "channel_id", "status", "role", "limit", "after"].map(parameter)),
                "responses": [
                    "200": json(
                        "A page of them.",
                        object([
                            "games": ["type": "array", "items": schema("Game")],
                            "next": ["type": ["string", "null"]],
                        ]))
                ] + refusals(401, 404, 422, 503),
            ],
            "post": [
                "summary": "Schedule a game", "operationId": "createGame", "parameters": [parameter("key")],
                "requestBody": body(schema("NewGame")),
                "responses": ["201": json("The game.", schema("Game"))]
                    + refusals(400, 401, 403, 404, 413, 415, 422, 429, 503),
            ],
        ],
        "/api/v1/games/{id}": [
            "parameters": [parameter("game")],
            "get": [
                "summary": "A game", "operationId": "game",
                "responses": ["200": json("The game.", schema("Game"))] + refusals(401, 404, 503),
            ],
            "put": [
                "summary": "Change a game", "operationId": "changeGame",
                "description":
                    "Fields that are left out stay as they are. The version is the one the editor read; sign-ups since then are no conflict, another edit is.",
                "parameters": [parameter("key")], "requestBody": body(schema("GameChange")),
                "responses": ["200": json("The game.", schema("Game"))]
                    + refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
            ],
            "delete": [
                "summary": "Cancel a game", "operationId": "cancelGame", "parameters": [parameter("key")],
                "responses": ["204": nothing] + refusals(400, 401, 403, 404, 409, 413, 422, 429, 503),
            ],
        ],
        "/api/v1/games/{id}/join": [
            "parameters": [parameter("game")],
            "post": [
                "summary": "Sign up; doing it again changes nothing", "operationId": "joinGame",
                "parameters": [parameter("key")],
                "responses": ["200": json("The participant.", schema("Participant"))]
                    + refusals(400, 401, 403, 404, 413, 422, 429, 503),
            ],
        ],
        "/api/v1/games/{id}/leave": [
            "parameters": [parameter("game")],
            "post": [
                "summary": "Sign off; doing it again changes nothing", "operationId": "leaveGame",
                "parameters": [parameter("key")],
                "responses": ["204": nothing] + refusals(400, 401, 403, 404, 413, 422, 429, 503),
            ],
        ],
    ]

    private static let stream: JSONValue = [
        "200": [
            "description": "An event stream, open until one side ends it.",
            "content": ["text/event-stream": ["schema": ["type": "string"]]],
        ],
        "101": ["description": "The same over a WebSocket, for who asks for one."],
    ]

    static let streamPaths: JSONValue = [
        "/api/v1/sse/game-updates": [
            "get": [
                "summary": "What happens in all my servers", "operationId": "gameUpdates",
                "parameters": [parameter("cursor")], "responses": stream + refusals(401, 404, 503),
            ]
        ],
        "/api/v1/stream": [
            "get": [
                "summary": "What happens under chosen topics, or under all of mine", "operationId": "stream",
                "parameters": [
                    [
                        "name": "topics", "in": "query", "explode": false,
                        "schema": ["type": "array", "items": ["type": "string"], "minItems": 1, "maxItems": 50],
                        "description": "Such as guild/123. All that I may follow when left out.",
                    ], parameter("cursor"),
                ], "responses": stream + refusals(401, 404, 422, 503),
            ]
        ],
    ]
}
