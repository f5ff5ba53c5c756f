import Core
import Guilds

/// The rules for what is submitted. All faults are reported together.
extension GameForm {
    static let titleLimit = 200
    static let descriptionLimit = 2000
    static let placeLimit = 500
    static let players = 1...100
    static let minutes = 1...10_080
    /// Two years.
    static let horizon: Duration = .seconds(2 * 366 * 86_400)

    /// Returns the details of a new game.
    ///
    /// - Throws: `SchedulerError.invalid`.
    func detailsOfNewGame(now: Int64) throws -> GameDetails {
        var faults: [Fault] = []
        let guild = Self.identity(guildID, "guild_id", "a server", &faults) as GuildID?
        let channel = Self.identity(channelID, "channel_id", "a channel", &faults) as ChannelID?
        if title == nil { faults.append(Fault("title", "The title is missing.")) }
        if scheduledAt == nil { faults.append(Fault("scheduled_at", "The time at which the game starts is missing.")) }
        let title = checkedTitle(&faults)
        let time = checkedTime(now: now, unlessAlready: nil, &faults)
        let rest = checkedRest(&faults)
        guard faults.isEmpty, let guild, let channel, let title, let time else { throw SchedulerError.invalid(faults) }
        return GameDetails(
            guildID: guild, channelID: channel, title: title, description: rest.description ?? "",
            place: rest.place ?? "", scheduledAt: time, durationMinutes: rest.duration ?? 60,
            maxPlayers: rest.players ?? 10, signupMethod: rest.method ?? .selfSignup)
    }

    /// Returns the details of `game` after the change: what was not submitted stays as it is.
    ///
    /// - Throws: `SchedulerError.invalid`.
    func details(changing game: GameDetails, now: Int64) throws -> GameDetails {
        var faults: [Fault] = []
        if version == nil {
            faults.append(Fault("version", "The version is missing: submit the one that you read with the game."))
        }
        if let guildID, guildID != game.guildID.description {
            faults.append(Fault("guild_id", "A game can't move to another server."))
        }
        if let channelID, channelID != game.channelID.description {
            faults.append(Fault("channel_id", "A game can't move to another channel. Cancel it and make a new one."))
        }
        let title = checkedTitle(&faults)
        let time = checkedTime(now: now, unlessAlready: game.scheduledAt, &faults)
        let rest = checkedRest(&faults)
        guard faults.isEmpty else { throw SchedulerError.invalid(faults) }
        return GameDetails(
            guildID: game.guildID, channelID: game.channelID, title: title ?? game.title,
            description: rest.description ?? game.description, place: rest.place ?? game.place,
            scheduledAt: time ?? game.scheduledAt, durationMinutes: rest.duration ?? game.durationMinutes,
            maxPlayers: rest.players ?? game.maxPlayers, signupMethod: rest.method ?? game.signupMethod)
    }

    private static func identity<Kind>(
        _ text: String?, _ field: String, _ what: String, _ faults: inout [Fault]
    ) -> Identity<Kind>? {
        guard let text else {
            faults.append(Fault(field, "The field \(field) is missing."))
            return nil
        }
        guard let id = Identity<Kind>(text) else {
            faults.append(Fault(field, "The field \(field) is not the number of \(what)."))
            return nil
        }
        return id
    }

    private func checkedTitle(_ faults: inout [Fault]) -> String? {
        guard let title else { return nil }
        let trimmed = title.trimmed
        if trimmed.isEmpty {
            faults.append(Fault("title", "The title is empty."))
        } else {
            Self.check(trimmed, "title", "title", limit: Self.titleLimit, lines: false, &faults)
        }
        return trimmed
    }

    private func checkedTime(now: Int64, unlessAlready current: Int64?, _ faults: inout [Fault]) -> Int64? {
        guard let scheduledAt else { return nil }
        guard let time = RFC3339.milliseconds(scheduledAt) else {
            faults.append(
                Fault("scheduled_at", "The time must be written as in RFC 3339, such as 2027-03-01T18:00:00Z."))
            return nil
        }
        let second = time - (time % 1000 + 1000) % 1000
        if second == current { return second }
        if time <= now {
            faults.append(Fault("scheduled_at", "The game must start in the future."))
        } else if time > now + Self.horizon.milliseconds {
            faults.append(Fault("scheduled_at", "The game must start within two years."))
        }
        return second
    }

    private func checkedRest(
        _ faults: inout [Fault]
    ) -> (description: String?, place: String?, duration: Int?, players: Int?, method: Game.SignupMethod?) {
        let description = description?.trimmed
        let place = place?.trimmed
        if let description {
            Self.check(description, "description", "description", limit: Self.descriptionLimit, lines: true, &faults)
        }
        if let place { Self.check(place, "where", "place", limit: Self.placeLimit, lines: false, &faults) }
        if let durationMinutes, !Self.minutes.contains(durationMinutes) {
            faults.append(
                Fault(
                    "duration_minutes",
                    "The duration must be \(Self.minutes.lowerBound) to \(Self.minutes.upperBound) minutes."))
        }
        if let maxPlayers, !Self.players.contains(maxPlayers) {
            faults.append(
                Fault(
                    "max_players",
                    "There must be \(Self.players.lowerBound) to \(Self.players.upperBound) seats for players."))
        }
        let method = signupMethod.flatMap(Game.SignupMethod.init(rawValue:))
        if signupMethod != nil, method == nil {
            let known = Game.SignupMethod.allCases.map(\.rawValue).joined(separator: ", ")
            faults.append(Fault("signup_method", "The sign-up method must be one of: \(known)."))
        }
        return (description, place, durationMinutes, maxPlayers, method)
    }

    /// Counts code points, as Discord does. Refuses control characters, except line breaks and tabs where `lines` allows
    /// them.
    private static func check(
        _ text: String, _ field: String, _ name: String, limit: Int, lines: Bool, _ faults: inout [Fault]
    ) {
        if text.unicodeScalars.count > limit {
            faults.append(Fault(field, "The \(name) must have at most \(limit) characters."))
        }
        let isClean = text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "\n", "\r", "\t": lines
            default: scalar.value >= 0x20 && scalar.value != 0x7F
            }
        }
        if !isClean { faults.append(Fault(field, "The \(name) must not contain control characters.")) }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
