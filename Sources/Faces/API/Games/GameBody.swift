import Crypto
import Guilds
import Scheduler
import Web
import Wire

/// A game as a client submits it. Any field may be missing: the service reports all faults together.
struct GameBody: Decodable {
    let guildId: String?
    let channelId: String?
    let title: String?
    let description: String?
    let `where`: String?
    let scheduledAt: String?
    let durationMinutes: Int?
    let maxPlayers: Int?
    let signupMethod: String?
    let version: Int64?

    var form: GameForm {
        GameForm(
            guildID: guildId, channelID: channelId, title: title, description: description, place: `where`,
            scheduledAt: scheduledAt, durationMinutes: durationMinutes, maxPlayers: maxPlayers,
            signupMethod: signupMethod, version: version)
    }
}

extension GameFilter {
    /// The filter in the query of the request.
    ///
    /// - Throws: `HTTPError` 422 `invalid_<field>` for a field with a value that it can't have, 400 `malformed_query`. An empty
    ///   value is one: a client that lost what it wanted to ask for must not be sent everything.
    init(_ request: Request) throws {
        let query = try request.query
        func value<Value>(_ name: String, _ what: String, _ read: (String) -> Value?) throws -> Value? {
            guard let text = query[name] else { return nil }
            guard let value = read(text) else {
                throw HTTPError(422, "invalid_\(name)", "The query parameter \(name) must be \(what).")
            }
            return value
        }
        let statuses = Game.Status.allCases.map(\.rawValue).joined(separator: ", ")
        self.init(
            guildID: try value("guild_id", "the ID of a server") { GuildID($0) },
            channelID: try value("channel_id", "the ID of a channel") { ChannelID($0) },
            statuses: try value("status", "one or more of \(statuses), separated by commas") { text in
                let names = text.split(separator: ",", omittingEmptySubsequences: false)
                let statuses = names.compactMap { Game.Status(rawValue: String($0)) }
                return statuses.count == names.count ? Set(statuses) : nil
            } ?? [],
            role: try value("role", "host or participant") { Role(rawValue: $0) },
            limit: try value("limit", "1 to 100") { text in
                Int(text).flatMap { (1...100).contains($0) ? $0 : nil }
            } ?? 50,
            after: try value("after", "the value of next in an earlier page") { GameCursor($0) })
    }
}

extension Request {
    static let idempotencyKey = "idempotency-key"

    /// The request as a command that can be repeated; `nil` without a key.
    ///
    /// - Throws: `HTTPError` 400 `invalid_idempotency_key`.
    func command() throws -> Command? {
        guard let key = headers[Self.idempotencyKey] else { return nil }
        let asked = Array("\(method) \(path)\n".utf8) + body
        guard let command = Command(key: key, fingerprint: Hex.encode(SHA256.hash(asked))) else {
            throw HTTPError(
                400, "invalid_idempotency_key",
                "An Idempotency-Key must have 1 to 128 characters: letters, digits, and - . _ : ~.")
        }
        return command
    }
}
