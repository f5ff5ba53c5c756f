import Core

/// Why a request to Discord failed. Its text holds no token and no path that could contain one.
package struct DiscordError: CodedError, Equatable {
    /// What went wrong, with the facts that a caller may act on.
    package enum Reason: Hashable, Sendable {
        /// Discord refused: its HTTP status, its own code (0 when it gave none), and which fields are wrong.
        case refused(status: Int, code: Code, faults: [String])
        /// Discord still limited the request after several tries.
        case rateLimited(retryAfter: Duration?)
        /// The client stopped sending, since Discord refused too many requests (`RateLimiter.Refusal.tooManyInvalid`).
        case tooManyInvalid(retryAfter: Duration)
        /// Too many requests are waiting.
        case overloaded
        /// Discord answered 5xx every time.
        case unavailable(status: Int)
        /// No connection, or it broke.
        case unreachable(String)
        /// The answer was not as documented.
        case unreadable(String)
    }

    /// One of Discord's error codes. See Discord's JSON Error Codes (topics/opcodes-and-status-codes#json).
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let general = Code(rawValue: 0)
        package static let unknownChannel = Code(rawValue: 10003)
        package static let unknownGuild = Code(rawValue: 10004)
        package static let unknownMember = Code(rawValue: 10007)
        package static let unknownMessage = Code(rawValue: 10008)
        package static let unknownRole = Code(rawValue: 10011)
        package static let unknownUser = Code(rawValue: 10013)
        package static let unknownWebhook = Code(rawValue: 10015)
        package static let unknownInteraction = Code(rawValue: 10062)
        package static let maximumRoles = Code(rawValue: 30005)
        package static let maximumChannels = Code(rawValue: 30013)
        package static let notInVoice = Code(rawValue: 40032)
        package static let alreadyAcknowledged = Code(rawValue: 40060)
        package static let missingAccess = Code(rawValue: 50001)
        package static let cannotMessageUser = Code(rawValue: 50007)
        package static let missingPermissions = Code(rawValue: 50013)
        package static let invalidToken = Code(rawValue: 50025)
        package static let invalidWebhookToken = Code(rawValue: 50027)
        package static let invalidForm = Code(rawValue: 50035)
    }

    package let reason: Reason
    package let message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    package var code: String {
        switch reason {
        case .refused(401, _, _): "discord_unauthorized"
        case .refused(_, let code, _) where code.isMissingRight: "discord_missing_permission"
        case .refused(403, _, _): "discord_forbidden"
        case .refused(404, _, _): "discord_not_found"
        case .refused: "discord_refused"
        case .rateLimited: "discord_rate_limited"
        case .tooManyInvalid: "discord_too_many_refusals"
        case .overloaded: "discord_queue_full"
        case .unavailable: "discord_unavailable"
        case .unreachable: "discord_unreachable"
        case .unreadable: "discord_unreadable"
        }
    }

    /// Discord's own code, when it refused.
    package var discordCode: Code? { if case .refused(_, let code, _) = reason { code } else { nil } }

    /// The HTTP status, when there was an answer.
    package var status: Int? {
        switch reason {
        case .refused(let status, _, _), .unavailable(let status): status
        case .rateLimited: 429
        default: nil
        }
    }

    /// Whether the same request may succeed later without any change.
    package var isTemporary: Bool {
        switch reason {
        case .rateLimited, .tooManyInvalid, .overloaded, .unavailable, .unreachable: true
        case .refused, .unreadable: false
        }
    }
}

extension DiscordError.Code {
    /// Whether the bot lacks access or a permission, which only the guild's administrators can change.
    package var isMissingRight: Bool { self == .missingAccess || self == .missingPermissions }
}

extension DiscordError {
    init(_ refusal: RateLimiter.Refusal) {
        switch refusal {
        case .full: self.init(.overloaded, "Too many requests to Discord are waiting; try again later.")
        case .tooManyInvalid(let rest):
            self.init(
                .tooManyInvalid(retryAfter: rest),
                "Discord refused so many requests that none are sent for \(rest.components.seconds + 1) s; "
                    + "check the bot's token and permissions.")
        }
    }

    /// From an answer whose status is not a success.
    init(status: Int, body: ErrorBody?, retryAfter: Duration?) {
        switch status {
        case 429:
            self.init(.rateLimited(retryAfter: retryAfter), "Discord limits these requests; try again later.")
        case 500...:
            self.init(.unavailable(status: status), "Discord is not available (status \(status)); try again later.")
        default:
            let faults = body?.errors.map { Self.faults(in: $0, path: "") } ?? []
            let text = body.map(\.message).flatMap { $0.isEmpty ? nil : $0 } ?? "status \(status)"
            self.init(
                .refused(status: status, code: Code(rawValue: body?.code ?? 0), faults: faults),
                "Discord refused: \(text)\(faults.isEmpty ? "" : " (\(faults.prefix(5).joined(separator: "; ")))")")
        }
    }

    /// Flattens the nested `errors` of code 50035 to lines such as `embeds.0.title: Must be 256 or fewer in length.`
    private static func faults(in value: JSONValue, path: String) -> [String] {
        guard case .object(let members) = value else { return [] }
        if let list = members["_errors"]?.array {
            return list.map { "\(path.isEmpty ? "body" : path): \($0["message"]?.string ?? "is wrong")" }
        }
        return members.sorted { $0.key < $1.key }.flatMap { name, inner in
            faults(in: inner, path: path.isEmpty ? name : "\(path).\(name)")
        }
    }
}
