import Core
import Crypto
import Discord
import DiscordCommunity
import FoundationEssentials
import Guilds
import Scheduler

/// Brings the message of one game to what it should show: posts, edits, adopts, or posts anew.
struct CardWork: Sendable {
    let games: GameService
    let records: CardRecords
    let rest: RESTClient
    let clock: WallClock
    let log: Log
    /// The game's page on the web, for the card's title.
    let page: @Sendable (GameID) -> String?

    /// How long a nonce surely protects from posting twice; Discord says "a few minutes".
    private static let nonceLifetime: Int64 = 120_000

    /// - Parameter tries: how often it has failed in a row.
    func refresh(_ id: GameID, tries: Int) async -> CardQueue.Outcome {
        do {
            try await bringUpToDate(id)
            return .done
        } catch is CancellationError {
            return .retry(after: .zero)
        } catch let error as DiscordError where !error.isTemporary && error.status != 401 {
            return await remember(error, id, tries)
        } catch {
            log.warning("a game's message is not up to date yet", ["game": "\(id)", "error": "\(error)"])
            return .retry(after: Self.rest(afterTries: tries))
        }
    }

    private func bringUpToDate(_ id: GameID) async throws {
        guard let card = try await records.card(of: id) else { return }
        guard let game = try await games.game(id) else { return try await records.forget(id) }
        let content = Card(game, page: page(id))
        guard let message = game.messageID else { return try await post(content, game, card) }
        if card.message == message, card.fingerprint == content.fingerprint {
            return try await records.showed(
                id, wanted: card.wanted, message: message, fingerprint: content.fingerprint)
        }
        do {
            // Until the answer is kept, nobody knows which of the two cards the message shows.
            if card.fingerprint != nil { try await records.beginEdit(id) }
            try await rest.editMessage(Snowflake(message), in: Snowflake(game.channelID), content.edit)
            try await records.showed(
                id, wanted: card.wanted, message: message, fingerprint: content.fingerprint)
        } catch let error as DiscordError where error.discordCode == .unknownMessage {
            log.info("a game's message was deleted by hand", ["game": "\(id)"])
            try await games.recordCard(nil, of: id, replacing: message)
            guard let now = try await games.game(id), now.messageID == nil else { return }
            try await records.abandonPost(id)
            guard let fresh = try await records.card(of: id) else { return }
            try await post(Card(now, page: page(id)), now, fresh)
        }
    }

    private func post(_ content: Card, _ game: Game, _ card: CardRecord) async throws {
        // A message about something that is over helps nobody.
        guard game.status == .scheduled || game.status == .inProgress else {
            return try await records.showed(game.id, wanted: card.wanted, message: nil, fingerprint: nil)
        }
        let (message, isFresh) = try await create(content, game, card)
        guard let id = MessageID(discord: message.id) else {
            throw DiscordError(.unreadable("id"), "Discord answered with an impossible identifier.")
        }
        let recorded = try await games.recordCard(id, of: game.id, replacing: nil)
        if recorded == nil {
            // Another message became the card meanwhile, or a crash came after recording and before remembering.
            guard try await games.game(game.id)?.messageID == id else {
                try await rest.deleteMessage(message.id, in: Snowflake(game.channelID))
                return try await records.abandonPost(game.id)
            }
        }
        // A message from before a failure shows what was true then.
        if !isFresh { try await rest.editMessage(message.id, in: Snowflake(game.channelID), content.edit) }
        try await records.showed(
            game.id, wanted: card.wanted, message: id, fingerprint: content.fingerprint)
    }

    /// Posts once, whatever failed before: with the nonce that was begun with as long as that protects, else after
    /// looking whether that message arrived.
    private func create(
        _ content: Card, _ game: Game, _ card: CardRecord
    ) async throws -> (message: Message, isFresh: Bool) {
        let channel = Snowflake(game.channelID)
        let now = clock.milliseconds
        if let nonce = card.nonce, let since = card.postingSince {
            if now - since <= Self.nonceLifetime {
                return (try await rest.createMessage(content.draft(nonce: nonce), in: channel), false)
            }
            if let message = try await messageBegun(at: since, game) { return (message, false) }
        }
        let nonce = Hex.encode(SecureRandom.bytes(12))
        try await records.begin(game.id, nonce: nonce, at: now)
        return (try await rest.createMessage(content.draft(nonce: nonce), in: channel), true)
    }

    /// The message of this game among those that were posted since.
    private func messageBegun(at since: Int64, _ game: Game) async throws -> Message? {
        let mark = "join_game_\(game.id)"
        let start = Snowflake(at: Date(timeIntervalSince1970: Double(since - 60_000) / 1000))
        do {
            return try await rest.messages(in: Snowflake(game.channelID), after: start, limit: 100).first { message in
                message.author.bot == true
                    && message.components.contains { $0.components?.contains { $0.customID == mark } ?? false }
            }
        } catch let error as DiscordError where error.discordCode?.isMissingRight == true {
            // Not allowed to look back: better one message too many than none.
            return nil
        }
    }

    private func remember(_ error: DiscordError, _ id: GameID, _ tries: Int) async -> CardQueue.Outcome {
        log.error(
            "a game's message can't be kept up to date; a person must help",
            ["game": "\(id)", "code": error.code, "reason": error.message])
        do {
            try await records.failed(id, code: error.code, message: error.message, at: clock.milliseconds)
            return .done
        } catch {
            return .retry(after: Self.rest(afterTries: tries))
        }
    }

    /// 2, 4, 8 … 300 s, with a part of it by chance.
    private static func rest(afterTries tries: Int) -> Duration {
        min(.seconds(300), .seconds(1 << min(tries + 1, 9))) * Double.random(in: 0.5..<1)
    }
}
