/// Why Discord refuses a request: HTTP status, Discord's error code, and a sentence.
package struct Refusal: Error, Sendable, Equatable {
    package let status: Int
    package let code: Int
    package let message: String
    /// Nested form errors, with code 50035.
    package var errors: JSON?
    /// For a 429 that a route itself answers: how long to wait.
    package var retryAfter: Duration?

    package init(_ status: Int, _ code: Int, _ message: String, errors: JSON? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
    }

    package var json: JSON {
        var json: JSON = ["message": .string(message), "code": .int(code)]
        if let errors { json["errors"] = errors }
        return json
    }

    static func limited(retryAfter: Duration) -> Refusal {
        var refusal = Refusal(429, 0, "You are being rate limited.")
        refusal.retryAfter = retryAfter
        return refusal
    }

    static let unauthorized = Refusal(401, 0, "401: Unauthorized")
    static let notFound = Refusal(404, 0, "404: Not Found")
    static let methodNotAllowed = Refusal(405, 0, "405: Method Not Allowed")
    static let missingAccess = Refusal(403, 50001, "Missing Access")
    static let missingPermissions = Refusal(403, 50013, "Missing Permissions")
    static let cannotMessageUser = Refusal(403, 50007, "Cannot send messages to this user")
    static let wrongChannelType = Refusal(400, 50024, "Cannot execute action on this channel type")
    static let notAuthor = Refusal(403, 50005, "Cannot edit a message authored by another user")
    static let emptyMessage = Refusal(400, 50006, "Cannot send an empty message")
    static let invalidWebhookToken = Refusal(401, 50027, "Invalid Webhook Token")
    static let invalidToken = Refusal(401, 50025, "Invalid OAuth2 access token")
    static let malformedJSON = Refusal(400, 50109, "The request body contains invalid JSON.")
    static let alreadyAcknowledged = Refusal(400, 40060, "Interaction has already been acknowledged.")
    static let notInVoice = Refusal(400, 40032, "Target user is not connected to voice.")

    static func unknown(_ thing: Unknown) -> Refusal { Refusal(404, thing.rawValue, "Unknown \(thing.name)") }

    /// Kinds of objects that may not exist, with Discord's code for each.
    enum Unknown: Int {
        case application = 10002
        case channel = 10003
        case guild = 10004
        case member = 10007
        case message = 10008
        case overwrite = 10009
        case role = 10011
        case user = 10013
        case emoji = 10014
        case webhook = 10015
        case ban = 10026
        case interaction = 10062
        case command = 10063
        case scheduledEvent = 10070

        var name: String {
            switch self {
            case .overwrite: "Overwrite"
            case .command: "application command"
            case .interaction: "interaction"
            case .scheduledEvent: "Guild Scheduled Event"
            default: "\(self)".prefix(1).uppercased() + "\(self)".dropFirst()
            }
        }
    }
}
