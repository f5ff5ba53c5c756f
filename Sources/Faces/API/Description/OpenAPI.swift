import Core
import FoundationEssentials
import Web

/// The description of the API (OpenAPI 3.1), served at `/api/v1/openapi.json`.
enum OpenAPI {
    /// - Throws: `EncodingError`.
    static func response() throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return .bytes([UInt8](try encoder.encode(document)), type: "application/json")
            .setting("cache-control", "public, max-age=300")
    }

    static let document: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "Tandem", "version": "1",
            "description": "Games scheduled by a Discord community, the same on Discord and on the web.",
            "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
        ],
        "servers": [["url": "/"]],
        "security": [["session": []]],
        "paths": signInPaths + accountPaths + guildPaths + gamePaths + streamPaths,
        "components": [
            "securitySchemes": [
                "session": [
                    "type": "apiKey", "in": "cookie", "name": .string(CurrentSession.cookie),
                    "description":
                        "Set by signing in; over https its name begins with __Host-. Requests that change something also need an Origin header of the same site.",
                ]
            ],
            "schemas": schemas, "parameters": parameters, "responses": responses,
        ],
    ]

    // MARK: Building blocks

    static func schema(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }
    static func parameter(_ name: String) -> JSONValue { ["$ref": .string("#/components/parameters/\(name)")] }

    /// The responses of a `GET` whose result has an entity tag: the result, 304, and these errors.
    static func read(_ description: String, _ schema: JSONValue, _ errors: JSONValue) -> JSONValue {
        let tag: JSONValue = ["ETag": ["schema": ["type": "string"], "description": "Names this content."]]
        return [
            "200": json(description, schema) + ["headers": tag],
            "304": ["description": "The client has this content already, as If-None-Match says.", "headers": tag],
        ] + errors
    }

    /// What every `GET` understands beside its own parameters.
    static let conditions: [JSONValue] = ["known", "seen"].map(parameter)

    static func json(_ description: String, _ schema: JSONValue) -> JSONValue {
        ["description": .string(description), "content": ["application/json": ["schema": schema]]]
    }

    static func body(_ schema: JSONValue) -> JSONValue {
        ["required": true, "content": ["application/json": ["schema": schema]]]
    }

    /// Error responses by status; each is described once, under `responses`.
    static func errors(_ statuses: Int...) -> JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: statuses.map { status in
                    (String(status), ["$ref": .string("#/components/responses/\(status)")])
                }))
    }

    static func list(_ name: String, of schema: JSONValue) -> JSONValue {
        object([name: ["type": "array", "items": schema]])
    }

    /// An object; all members but the optional ones are required.
    static func object(_ members: [String: JSONValue], optional: Set<String> = []) -> JSONValue {
        [
            "type": "object", "properties": .object(members),
            "required": .array(members.keys.filter { !optional.contains($0) }.sorted().map { .string($0) }),
        ]
    }

    static let nothing: JSONValue = ["description": "Done."]
}
