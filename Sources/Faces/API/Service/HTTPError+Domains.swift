import Core
import Guilds
import Scheduler
import Store
import Web
import Wire

extension HTTPError {
    /// The response to an error of a domain or the database. `nil` for an error that clients can do nothing about, whose
    /// details stay in the log.
    init?(for error: any Error) {
        switch error {
        case let error as HTTPError: self = error
        case let error as SchedulerError:
            self.init(
                Self.status(of: error), error.code, error.message,
                fields: error.faults.map { Field($0.field, $0.message) }, headers: Self.headers(of: error))
        case let error as GuildsError where error == .guildNotFound: self.init(404, error.code, error.message)
        case let error as GuildsError where error == .membershipUnknown:
            self.init(503, error.code, error.message, headers: ["retry-after": "15"])
        case let error as StoreError where error.isTemporary:
            self.init(
                503, error.code, "The server can't do this just now. Try again in a moment.",
                headers: ["retry-after": error.kind == .busy ? "1" : "2"])
        default: return nil
        }
    }

    private static func headers(of error: SchedulerError) -> Headers {
        if case .tooManyNewGames(_, let seconds) = error { ["retry-after": "\(seconds)"] } else { [:] }
    }

    private static func status(of error: SchedulerError) -> Int {
        switch error {
        case .gameNotFound, .guildNotFound: 404
        case .notGameManager, .timedOut: 403
        case .versionConflict, .notEditable, .tooManyOpenGames, .guildHasTooManyGames: 409
        case .tooManyNewGames: 429
        case .notOpen, .alreadyCompleted: 400
        case .invalid, .botCannotPost, .idempotencyKeyReused: 422
        }
    }
}
