import Web
enum OpenAPI { static func response() throws -> Response { .text("{}") } }
