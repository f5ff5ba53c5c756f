package import Core
import Crypto
import FoundationEssentials
import Guilds
import Scheduler
package import Store
import Web

/// Publishes what other programs send through a message broker, by the same rules as requests.
package struct PublishedMessages: Sendable {
    /// Whom to believe.
    package enum Trust: Sendable {
        /// Who signs as requests are signed, in the message's headers.
        case signed(Secret)
        /// Whoever may write to the broker.
        case everybody
    }

    /// A message as it was delivered.
    package struct Message: Sendable {
        package var body: [UInt8]
        /// `<kind>.<guild>`.
        package var routingKey: String
        /// The sender's name for it: messages with the same one are told once.
        package var id: String?
        /// By name, in lower case.
        package var headers: [String: String]
        /// Whether it may have been delivered before.
        package var isRedelivered: Bool

        package init(
            body: [UInt8], routingKey: String, id: String?, headers: [String: String], isRedelivered: Bool
        ) {
            self.body = body
            self.routingKey = routingKey
            self.id = id
            self.headers = headers
            self.isRedelivered = isRedelivered
        }
    }

    /// The longest message, as of requests.
    package static let sizeLimit = 64 * 1024

    /// For how long a signed message may wait on the broker, in seconds: as long as the database is away, or nobody reads.
    private static let longestWait: Int64 = 24 * 3600
    /// For how long a message without an id is known by what it says: so soon it's delivered again if its reader has died.
    private static let redelivery = Duration.seconds(60)

    private let publications: Publications
    private let proof: PublishSignature?

    package init(_ trust: Trust, database: any Database, time: TimeSource = .system) {
        publications = Publications(database: database, time: time)
        proof = if case .signed(let secret) = trust { PublishSignature(secret: secret, time: time) } else { nil }
    }

    /// Appends the message's event, unless it has been appended before.
    ///
    /// - Returns: why the message is refused; `nil` if it isn't.
    /// - Throws: `StoreError`: then try again.
    package func publish(_ message: Message) async throws -> String? {
        do {
            guard message.body.count <= Self.sizeLimit else {
                throw HTTPError(413, "content_too_large", "A message must have at most \(Self.sizeLimit) bytes.")
            }
            // A body is not parsed before its sender is known.
            let signature = try proof?.verify(
                message.body, timestamp: message.headers[PublishSignature.timestamp],
                signature: message.headers[PublishSignature.signature], age: Self.longestWait)
            let draft = try PublishRequest.draft(try Self.event(message))
            _ = try await publications.append(
                [draft], signature: signature, command: Self.command(message),
                mayBeRepeated: message.id != nil || message.isRedelivered,
                remembering: message.id == nil ? Self.redelivery : Publications.lifetime)
            return nil
        } catch let error as HTTPError {
            return error.message
        } catch SchedulerError.idempotencyKeyReused {
            return "Another message had the same id."
        }
    }

    /// A message without an id can only be recognized by what it says: that counts when it's delivered again.
    private static func command(_ message: Message) -> Command? {
        let content = Hex.encode(SHA256.hash(Array("\(message.routingKey)\n".utf8) + message.body))
        let name = message.id.map { "id:" + Hex.encode(SHA256.hash(Array($0.utf8))) } ?? "content:" + content
        return Command(key: "message:" + name, fingerprint: content)
    }

    /// What a message may say beside its routing key.
    private struct Body: Decodable {
        let topic: String?
        let kind: String?
        let type: String?
        let data: [String: JSONValue]?
        let payload: [String: JSONValue]?
    }

    /// The event that a message tells: one as requests have it, or the payload of one whose routing key says the rest, perhaps as
    /// `data` of an envelope with a `type`.
    private static func event(_ message: Message) throws -> PublishedEvent.Body {
        let data = Data(message.body)
        let decoder = JSONDecoder()
        guard let body = try? decoder.decode(Body.self, from: data),
            let all = try? decoder.decode([String: JSONValue].self, from: data)
        else {
            throw HTTPError(400, "malformed_json", "A message must be a JSON object with the fields of an event.")
        }
        if let topic = body.topic, let kind = body.kind, let payload = body.payload {
            return PublishedEvent.Body(topic: topic, kind: kind, payload: payload)
        }
        let parts = message.routingKey.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let last = parts.last, let guild = GuildID(last) else {
            throw HTTPError(
                422, "invalid_topic",
                "A routing key must be <kind>.<guild's id>, such as game.updated.300000000000000001.")
        }
        let kind = parts.dropLast().joined(separator: ".")
        var payload = body.data ?? all
        payload["type"] = .string((body.type ?? kind).replacing(".", with: "_"))
        if let named = payload["guild_id"], named != .string(guild.description) {
            throw HTTPError(422, "invalid_guild_id", "The guild_id is not the one in the routing key.")
        }
        return PublishedEvent.Body(topic: CommunityTopic.name(of: guild), kind: kind, payload: payload)
    }
}
