import Crypto
import Discord
import FoundationEssentials
import Scheduler

/// What the message of one game shows: only what everybody who sees the channel may know.
struct Card: Hashable, Sendable {
    let embed: Embed
    let components: [Component]

    /// - Parameter page: the address of the game's page on the web; `nil` for a title without a link.
    init(_ game: Game, page: String? = nil) {
        let fields = Self.fields(game)
        let title = Markdown.clipped(Markdown.escape(game.title), to: 256)
        // Discord allows 6000 characters in all: what the fields leave is the description's.
        let used = fields.reduce(title.utf16.count + 200) { $0 + $1.name.utf16.count + $1.value.utf16.count }
        let limit = max(0, min(4096, 6000 - used))
        let description =
            game.description.isEmpty ? nil : Markdown.clipped(Markdown.escape(game.description), to: limit)
        embed = Embed(
            title: title, description: description, url: page, color: Self.color(game.status),
            footer: EmbedFooter(text: Self.footer(game)), fields: fields)
        let isOpen = game.status == .scheduled
        components = [
            .row([
                .button("Join", customID: GameButton.join(game.id).customID, style: .success, disabled: !isOpen),
                .button("Leave", customID: GameButton.leave(game.id).customID, style: .secondary, disabled: !isOpen),
            ])
        ]
    }

    /// The card as a new message. Discord answers a second draft with the same nonce with the first one's message.
    func draft(nonce: String) -> MessageDraft {
        MessageDraft(
            nonce: nonce, enforceNonce: true, embeds: [embed], allowedMentions: AllowedMentions(),
            components: components)
    }

    /// The card as an edit of its message.
    var edit: MessageEdit {
        MessageEdit(embeds: [embed], allowedMentions: AllowedMentions(), components: components)
    }

    /// Equal for cards that look the same, and for no others.
    var fingerprint: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = (try? encoder.encode(edit)).map(Array.init) ?? []
        return Hex.encode(Array(SHA256.hash(bytes).prefix(16)))
    }

    private static func fields(_ game: Game) -> [EmbedField] {
        let second = game.scheduledAt / 1000
        var fields = [
            EmbedField(name: "When", value: "<t:\(second):F> (<t:\(second):R>)", inline: false),
            EmbedField(name: "Duration", value: duration(game.durationMinutes), inline: true),
        ]
        if !game.place.isEmpty {
            fields.append(
                EmbedField(name: "Where", value: Markdown.clipped(Markdown.escape(game.place), to: 1024), inline: true))
        }
        fields.append(
            EmbedField(
                name: "Host", value: Markdown.clipped(Markdown.escape(game.host.name), to: 1024), inline: true))
        fields.append(
            EmbedField(
                name: "Players (\(game.confirmed.count)/\(game.maxPlayers))",
                value: list(game.confirmed, from: 1) ?? "Nobody yet", inline: false))
        if let waiting = list(game.waiting, from: 1) {
            fields.append(EmbedField(name: "Waiting (\(game.waiting.count))", value: waiting, inline: false))
        }
        return fields
    }

    /// Numbered lines, as many as fit into a field, then how many more there are; `nil` for an empty list.
    private static func list(_ participants: ArraySlice<Participant>, from first: Int) -> String? {
        guard !participants.isEmpty else { return nil }
        var text = ""
        for (offset, participant) in participants.enumerated() {
            let name = Markdown.clipped(Markdown.escape(participant.displayName), to: 120)
            let line = "\(offset == 0 ? "" : "\n")\(first + offset)\\. \(name)"
            guard text.utf16.count + line.utf16.count <= 1000 else {
                return text + "\nand \(participants.count - offset) more"
            }
            text += line
        }
        return text
    }

    static func duration(_ minutes: Int) -> String {
        let (days, rest) = minutes.quotientAndRemainder(dividingBy: 1440)
        let (hours, left) = rest.quotientAndRemainder(dividingBy: 60)
        let parts = [(days, "d"), (hours, "h"), (left, "min")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.joined(separator: " ")
    }

    private static func footer(_ game: Game) -> String {
        switch game.status {
        case .scheduled: "Scheduled"
        case .inProgress: "In progress"
        case .completed: "Over"
        case .cancelled: "Cancelled"
        }
    }

    private static func color(_ status: Game.Status) -> Int {
        switch status {
        case .scheduled: 0x5865F2
        case .inProgress: 0x23A55A
        case .completed: 0x80848E
        case .cancelled: 0xDA373C
        }
    }
}
