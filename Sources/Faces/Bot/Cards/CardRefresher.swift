import Core
import Crypto
import Discord
import DiscordCommunity
import FoundationEssentials
import Guilds
import Scheduler

/// Brings the card of one game to what it should show: edits its message, or posts one where there is none.
struct CardRefresher: Sendable {
    let games: GameService
    let records: CardRecords
    let rest: RESTClient
    let time: TimeSource
    let log: Log
    /// The address of the game's page on the web, for the card's title.
    let page: @Sendable (GameID) -> String?

    /// For how long a nonce reliably prevents a second message; Discord says "a few minutes".
    private static let nonceLifetime = Duration.seconds(120)
    /// How far Discord's clock, by which messages are numbered, may be behind ours.
    private static let clockMargin = Duration.seconds(60)

    /// - Parameter failures: how many attempts have failed in a row.
    func refresh(_ id: GameID, failures: Int) async -> CardQueue.Outcome {
        do {
            if try await bringUpToDate(id, failures) { return .done }
            log.warning("it has become uncertain what a game's message shows, trying again", ["game": "\(id)"])
            return .retry(after: Self.pause(after: failures))
        } catch is CancellationError {
            return .retry(after: .zero)
        } catch let error as DiscordError where !error.isTemporary && error.status != 401 {
            return await remember(error, id, failures)
        } catch {
            log.warning("a game's message is not up to date yet", ["game": "\(id)", "error": "\(error)"])
            return .retry(after: Self.pause(after: failures))
        }
    }

    /// - Returns: `false` if another process has changed the card meanwhile: then it must be checked again.
    private func bringUpToDate(_ id: GameID, _ failures: Int) async throws -> Bool {
        guard let record = try await records.card(of: id) else { return true }
        guard let game = try await games.game(id) else {
            try await records.forget(id)
            return true
        }
        if record.isCurrent(for: game) { return true }
        let card = Card(game, page: page(id))
        guard let message = game.messageID else { return try await post(card, game, record) }
        // After a failure it is uncertain which of two cards the message shows.
        if failures == 0, record.message == message, record.fingerprint == card.fingerprint {
            return try await records.showed(
                game.version, message: message, fingerprint: card.fingerprint, after: record)
        }
        do {
            return try await edit(message, to: card, of: game, record)
        } catch let error as DiscordError where error.discordCode == .unknownMessage {
            log.info("a game's message was deleted by hand", ["game": "\(id)"])
            try await games.recordCard(nil, of: id, replacing: message)
            guard let now = try await games.game(id), now.messageID == nil else { return true }
            try await records.abandonPost(id)
            guard let fresh = try await records.card(of: id) else { return true }
            return try await post(Card(now, page: page(id)), now, fresh)
        }
    }

    /// - Returns: as `bringUpToDate` does.
    private func edit(_ message: MessageID, to card: Card, of game: Game, _ record: CardRecord) async throws -> Bool {
        do {
            try await rest.editMessage(Snowflake(message), in: Snowflake(game.channelID), card.edit)
            return try await records.showed(
                game.version, message: message, fingerprint: card.fingerprint, after: record)
        } catch let error as DiscordError where !error.isTemporary {
            throw error
        } catch {
            // It may have been carried out, and after a newer one: whoever leads by now has to look, for this process may no longer
            // lead, and then it is over with this task.
            await uncancelled { try? await records.distrust(game.id) }
            throw error
        }
    }

    /// - Returns: as `bringUpToDate` does.
    private func post(_ card: Card, _ game: Game, _ record: CardRecord) async throws -> Bool {
        // A message about a game that is over helps nobody.
        guard game.status == .scheduled || game.status == .inProgress else {
            return try await records.showed(game.version, message: nil, fingerprint: nil, after: record)
        }
        let (message, isFresh) = try await create(card, game, record)
        guard let id = MessageID(discord: message) else {
            throw DiscordError(.unreadable("id"), "Discord answered with an impossible message identifier.")
        }
        var version = game.version
        if let recorded = try await games.recordCard(id, of: game.id, replacing: nil) {
            // Unless something else changed meanwhile, the game differs from what is shown only by having a card.
            if recorded == version + 1 { version = recorded }
        } else {
            // Another message became the card meanwhile, or a crash came between recording this one and remembering it.
            guard try await games.game(game.id)?.messageID == id else {
                try await rest.deleteMessage(message, in: Snowflake(game.channelID))
                try await records.abandonPost(game.id)
                return true
            }
        }
        // A message from before a failure shows what was true then.
        if !isFresh { try await rest.editMessage(message, in: Snowflake(game.channelID), card.edit) }
        return try await records.showed(version, message: id, fingerprint: card.fingerprint, after: record)
    }

    /// Posts once, whatever failed before: with the nonce of the attempt before for as long as that protects, otherwise
    /// after checking whether that message was posted.
    private func create(
        _ card: Card, _ game: Game, _ record: CardRecord
    ) async throws -> (message: Snowflake, isFresh: Bool) {
        let channel = Snowflake(game.channelID)
        let now = time.milliseconds
        if let nonce = record.nonce, let since = record.postingSince {
            if now - since <= Self.nonceLifetime.milliseconds {
                return (try await rest.createMessage(card.draft(nonce: nonce), in: channel).id, false)
            }
            if let message = try await messageBegun(at: since, game) { return (message, false) }
        }
        let nonce = Hex.encode(SecureRandom.bytes(12))
        try await records.beginPost(game.id, nonce: nonce, at: now)
        return (try await rest.createMessage(card.draft(nonce: nonce), in: channel).id, true)
    }

    /// The message of this game among those that were posted since.
    private func messageBegun(at since: Int64, _ game: Game) async throws -> Snowflake? {
        let mark = GameButton.join(game.id).customID
        let start = Snowflake(at: Date(timeIntervalSince1970: Double(since - Self.clockMargin.milliseconds) / 1000))
        do {
            return try await rest.messages(in: Snowflake(game.channelID), after: start, limit: 100).first { message in
                message.author.bot == true
                    && message.components.contains { $0.components?.contains { $0.customID == mark } ?? false }
            }?.id
        } catch let error as DiscordError where error.discordCode?.isMissingRight == true {
            // Not allowed to read the history: better one message too many than none.
            return nil
        }
    }

    private func remember(_ error: DiscordError, _ id: GameID, _ failures: Int) async -> CardQueue.Outcome {
        log.error(
            "a game's message can't be kept up to date; a person must help",
            ["game": "\(id)", "code": error.code, "reason": error.message])
        do {
            try await records.failed(id, code: error.code, message: error.message, at: time.milliseconds)
            return .done
        } catch {
            return .retry(after: Self.pause(after: failures))
        }
    }

    /// 2, 4, 8 … 300 s, of which the second half is random.
    private static func pause(after failures: Int) -> Duration {
        min(.seconds(300), .seconds(1 << min(failures + 1, 9))) * Double.random(in: 0.5..<1)
    }
}
