/// How many games people may plan, counted in the database: for all processes, on the web and on Discord together.
/// 0 stands for any number.
package struct GameLimits: Sendable, Hashable {
    /// Within what time `newPerPerson` games may be created.
    package static let window: Duration = .seconds(600)

    /// How many games one person may create within ten minutes.
    package var newPerPerson = 5
    /// How many games of one host, in all guilds, may be open: neither over nor called off.
    package var openPerPerson = 50
    /// How many games of one guild may be open.
    package var openPerGuild = 500

    package init() {}

    /// Any number of games.
    package static var none: GameLimits {
        var limits = GameLimits()
        (limits.newPerPerson, limits.openPerPerson, limits.openPerGuild) = (0, 0, 0)
        return limits
    }
}
