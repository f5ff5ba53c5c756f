import Core
import Guilds
import Scheduler
import Store
import Web
import Wire

/// How what the domains refuse is told on the web.
enum Answers {
    /// The status of an error of a domain; `nil` for one that is nobody's business but ours.
    static func answer(to error: any Error) -> HTTPError? {
        switch error {
        case let error as SchedulerError: HTTPError(status(of: error), error.code, error.message)
        case GuildsError.guildNotFound:
            HTTPError(404, GuildsError.guildNotFound.code, GuildsError.guildNotFound.message)
        case GuildsError.membershipUnknown:
            HTTPError(
                503, GuildsError.membershipUnknown.code, GuildsError.membershipUnknown.message,
                headers: ["retry-after": "15"])
        case let error as StoreError where error.isTemporary:
            HTTPError(
                503, error.code, "The server can't do this just now. Try again in a moment.",
                headers: ["retry-after": error.kind == .busy ? "1" : "2"])
        default: nil
        }
    }

    static func status(of error: SchedulerError) -> Int {
        switch error {
        case .gameNotFound, .guildNotFound: 404
        case .notGameManager, .timedOut: 403
        case .versionConflict, .notEditable: 409
        case .notOpen, .alreadyCompleted: 400
        case .invalid, .botCannotPost, .idempotencyKeyReused: 422
        }
    }

    /// The answer to an error that names fields: as any other, with `fields` besides code and message.
    static func response(to error: SchedulerError) throws -> Response {
        guard !error.faults.isEmpty else { throw error }
        struct Body: Encodable {
            struct Detail: Encodable { let code: String, message: String, fields: [Fault] }
            let error: Detail
        }
        let detail = Body.Detail(code: error.code, message: error.message, fields: error.faults)
        return try .json(Body(error: detail), status: status(of: error))
    }

    /// What is answered here is one person's and of this moment: no cache keeps it unless a route says otherwise.
    static let uncached: Middleware = { request, next in
        var response = try await next(request)
        if response.headers["cache-control"] == nil { response.headers["cache-control"] = "no-store" }
        return response
    }
}

/// Writes `null` where there is nothing, instead of leaving the key out.
@propertyWrapper
struct OrNull<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}
